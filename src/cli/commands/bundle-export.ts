import { resolve } from 'node:path';
import { fromHex } from '../../common/bytes.js';
import { usage } from '../../common/errors.js';
import { formatTime, parseDuration } from '../../common/time.js';
import type { Authority } from '../../authority/authority.js';
import { findCredential } from '../../authority/find-credential.js';
import { commitmentOf, COMMITMENT_LENGTH } from '../../bundle/commitment.js';
import { exportSeries } from '../../operations/export-bundle.js';
import { recordNamed } from '../../operations/keys.js';
import type { BundleWish } from '../../operations/next-bundle.js';
import { collect, type CommandModule, type Options } from '../command.js';
import { atDesk } from '../desk.js';
import { checkOut, copyChange, copyOut, withOutput } from '../out-file.js';
import { checkOutDir, folderOfSigned, folderText } from '../publication-folder.js';
import { result } from '../output.js';
import { fields } from '../render.js';
import { timeJson } from '../times.js';

function numberOf(options: Options, name: string): number | undefined {
  const text = options.text(name);
  if (text === undefined) return undefined;
  if (!/^[1-9][0-9]{0,3}$/.test(text)) throw usage(`--${name} ${text} is not a number from 1`);
  return Number(text);
}

/** A commitment in hex, or the key of this authority whose commitment it is. */
function commitment(authority: Authority, text: string): Uint8Array {
  const bytes = fromHex(text);
  if (bytes?.length === COMMITMENT_LENGTH) return bytes;
  const record = recordNamed(authority, text);
  if (record !== undefined) return commitmentOf(record.scheme, record.publicKey);
  throw usage(`--next-root ${JSON.stringify(text)} is neither a commitment (64 hex digits) nor a key on record here`, {
    hint: 'Name the key by its URI or name (keys/NAME.json), or give the commitment that key verify shows at its own site.',
  });
}

function wishOf(authority: Authority, options: Options): BundleWish {
  const lifetime = options.text('lifetime');
  const threshold = numberOf(options, 'threshold');
  const nextRoots = options.texts('nextRoot').map((text) => commitment(authority, text));
  const rootsIn = (name: string): string[] =>
    options.texts(name).map((text) => {
      const { credential, fingerprint } = findCredential(authority, text);
      if (credential.kind !== 'as_credential')
        throw usage(`--${name} ${text} is an intermediate`, { hint: 'Name a root.' });
      return fingerprint;
    });
  return {
    ...(lifetime === undefined ? {} : { lifetime: parseDuration(lifetime) }),
    ...(threshold === undefined ? {} : { threshold }),
    ...(nextRoots.length === 0 ? {} : { nextRoots }),
    retire: rootsIn('retire'),
    lost: rootsIn('lost'),
    repin: options.flag('repin'),
  };
}

export const { define, run }: CommandModule = {
  define: (command) => {
    command
      .option('--out <file>', 'a copy of the bundle here too')
      .option('--out-dir <folder>', 'a new folder, ready for a web server, with all that goes out')
      .option('--lifetime <duration>', "how long it lasts, such as 120d (the policy's if not given)")
      .option('--series <n>', 'sign so many ahead, one every bundle_every (the policy says: 90 days)')
      .option('--threshold <n>', 'how many roots must sign the next one (as the last bundle says, if not given)')
      .option('--next-root <key|commitment>', 'a key that alone may change the roots (repeats)', collect)
      .option('--retire <root>', 'list this root no more (repeats)', collect)
      .option('--lost <root>', 'the key of this root is lost: neither list it nor ask it to sign (repeats)', collect)
      .option('--repin', 'although clients that hold an earlier bundle will refuse it, and must pin anew');
  },
  run: async (context, _args, options) => {
    const series = numberOf(options, 'series');
    if (series !== undefined && options.text('out') !== undefined) {
      throw usage('--out is for one bundle, and --series signs several', {
        hint: 'Give --out-dir, or take them from bundles/ in the authority.',
      });
    }
    const out = checkOut(context, options.text('out'));
    const outDir = checkOutDir(context, options.text('outDir'));
    const { made, folder } = await atDesk(context, 'bundle export', async (desk) => {
      const folderChange = outDir === undefined ? [] : [`the folder ${outDir} is made, for a web server`];
      const shown = withOutput(desk, ...copyChange(out), ...folderChange);
      const signed = await exportSeries(shown, wishOf(desk.authority, options), series ?? 1);
      return { made: signed, folder: outDir === undefined ? undefined : await folderOfSigned(desk, outDir, signed) };
    });
    const [one] = made;
    if (one === undefined) throw new TypeError('a series has a bundle');
    const { sequence, issuedAt, expiresAt } = one.bundle.payload;
    const kept = made.map(({ file }) => resolve(context.dir, file));
    const files = made.map(({ bundle }, i) => folder?.fileOf(bundle.sequence) ?? kept[i] ?? '');
    const path = out === undefined ? (files[0] ?? '') : copyOut(kept[0] ?? '', out);
    const json = {
      file: path,
      ...(series === undefined ? {} : { files }),
      ...(folder === undefined ? {} : { out_dir: folder.dir }),
      sequence,
      ...timeJson('issued_at', issuedAt),
      ...timeJson('expires_at', expiresAt),
      signers: [...one.signers],
    };
    const shown = made.map(
      ({ bundle: { payload } }, i) =>
        [`bundle ${String(payload.sequence)}`, `${files[i] ?? ''}, from ${formatTime(payload.issuedAt)}`] as const,
    );
    result(context.options, json, () =>
      series === undefined
        ? `Bundle ${String(sequence)} is signed, and was accepted as clients will.\n\n${fields([
            ['file', path],
            ['expires at', formatTime(expiresAt)],
            ...one.signers.map((signer) => ['signed by', signer] as const),
          ])}\n${folder === undefined ? 'Publish it at the get AS credentials endpoint.\n' : folderText(folder)}`
        : `${String(made.length)} bundles are signed ahead, and were accepted as clients will.\n\n${fields(shown)}\n${folder === undefined ? 'Publish each at the get AS credentials endpoint when its time has come, and not before.\n' : folderText(folder)}`,
    );
  },
};
