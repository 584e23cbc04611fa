import { openAuthority } from '../../../authority/authority.js';
import { existsInside } from '../../../authority/ground/inside.js';
import { SETTINGS_FILE } from '../../../authority/ground/layout.js';
import { toHex } from '../../../common/bytes.js';
import { type TokenKey, tokenKeys } from '../../../operations/keys/hsm-inventory.js';
import { UNDER_WRAP } from '../../../signer/pkcs11/use.js';
import { hsmMeans, tokenJson, tokenRow, tokenUri } from '../../operation/hsm-means.js';
import { first } from '../../options/file-arguments.js';
import type { CommandModule } from '../../program/command.js';
import { result } from '../../terminal/output.js';
import { tokenPins } from '../../terminal/pins.js';
import { fields } from '../../terminal/render.js';

function state({ faults, underWrap }: TokenKey): string {
  if (faults === undefined) return 'not a key for credentials';
  if (faults.length > 0) return `not fit to sign: ${faults.join('; ')}`;
  return underWrap ? `can sign; ${UNDER_WRAP}` : 'can only sign; never leaves the token';
}

function text(one: TokenKey): string {
  const { key, unproven, record, credential } = one;
  return fields([
    ['label', key.label],
    ['id', toHex(key.id)],
    ['kind', key.scheme?.name ?? 'other'],
    ['public key', key.publicKey === undefined ? 'not shown' : toHex(key.publicKey)],
    ['state', state(one)],
    ...unproven.map((claim) => ['not proved', claim] as const),
    ['record', record?.file ?? 'none'],
    ['credential', credential === undefined ? 'none' : `${credential.file} (${credential.fingerprint})`],
  ]);
}

export const { define, run }: CommandModule = {
  define: (command) => {
    command
      .argument('<uri>', 'the token, or a key in it: pkcs11:token=LABEL?module-path=/PATH/MODULE.so')
      .addHelpText('after', '\nIn an authority (-C), shows the keys with their records and credentials.');
  },
  run: async (context, args) => {
    const inside = existsInside(context.dir, SETTINGS_FILE);
    const authority = inside ? await openAuthority(context.dir) : undefined;
    const means = hsmMeans(context, authority?.settings);
    const { found, keys } = await tokenKeys(tokenUri(first(args)), means, tokenPins(context), authority);
    const json = keys.map(({ key, faults, unproven, underWrap, record, credential }) => ({
      label: key.label,
      id: toHex(key.id),
      scheme: key.scheme?.name ?? null,
      public_key: key.publicKey === undefined ? null : toHex(key.publicKey),
      can_sign: faults?.length === 0,
      faults: faults ?? [],
      unproven,
      extractable_under_wrap: underWrap,
      attributes: { ...key.attributes },
      record: record?.file ?? null,
      fingerprint: credential?.fingerprint ?? null,
    }));
    result(context.options, { ...tokenJson(found), keys: json }, () =>
      [fields([tokenRow(found)], ''), ...(keys.length === 0 ? ['No private key.\n'] : keys.map(text))].join('\n'),
    );
  },
};
