/**
 * Keys in an HSM: made or adopted under the authority's care, and opened by their record. Loaded only if such a key is
 * named.
 */
import type { Authority } from '../../authority/authority.js';
import { encodeKeyRecord, keyRecordPath } from '../../authority/formats/small-files.js';
import type { Pkcs11KeyUri } from '../../codec/key-uri.js';
import { toHex } from '../../common/bytes.js';
import { refused } from '../../common/errors.js';
import { remark } from '../../common/remedy.js';
import type { SchemeInfo } from '../../crypto/ciphersuite.js';
import { hash } from '../../crypto/hash.js';
import { adoptHsmKey, generateHsmKey, openHsmKey } from '../../signer/pkcs11/hsm-key.js';
import { destroyKeys, type InTheWay, keysInTheWay } from '../../signer/pkcs11/in-the-way.js';
import { describe, HsmSession } from '../../signer/pkcs11/session.js';
import { type HsmUse, type KeyBackup, UNDER_WRAP } from '../../signer/pkcs11/use.js';
import type { Signer } from '../../signer/signer.js';
import type { KeyContext, OperationContext, Row } from '../context/operation-context.js';
import { type KeyOptions, keyUsed, type ReadyKey } from '../signing/ready-key.js';

/**
 * Makes the key in its token, or adopts one that is there. It logs in once. A key in the way is refused, or treated as
 * the options say after a person has seen what it is. Errors: `hsm-key-exists`, `declined`, and those of the token and
 * the key.
 */
export async function makeHsmKey(
  context: OperationContext,
  key: Pkcs11KeyUri,
  scheme: SchemeInfo,
  wanted: KeyOptions,
): Promise<ReadyKey> {
  const session = await HsmSession.open(key, context.hsm);
  try {
    await session.login(key, context.secrets);
    const backup = wanted.backup ?? 'none';
    if (wanted.existing === 'adopt') {
      const signer = await adoptHsmKey(session, key, scheme, backup, context.random);
      await confirmAdoption(context, signer);
      return ready(context, key, signer, () => Promise.resolve());
    }
    const there = await keysInTheWay(session, key);
    if (there !== undefined) {
      if (wanted.existing !== 'destroy') throw keyExists(context.authority, session, there);
      await destroyOrphan(context, session, key, there);
    }
    const { signer, discard, probed } = await generateHsmKey(session, key, scheme, backup, context.random);
    if (!probed)
      context.secrets.announce(`note: ${session.name} has no session keys, so nothing could be tried before.`);
    return ready(context, key, signer, discard);
  } catch (error) {
    await session.close();
    throw error;
  }
}

/**
 * Opens a key that is in its token but not on record, as one that is adopted, after a person has seen what it is and
 * what it belongs to (`ownerOf`, which may refuse).
 */
export async function attachHsmKey(
  context: OperationContext,
  key: Pkcs11KeyUri,
  backup: KeyBackup,
  ownerOf: (signer: Signer) => string,
): Promise<ReadyKey> {
  const session = await HsmSession.open(key, context.hsm);
  try {
    await session.login(key, context.secrets);
    const signer = await adoptHsmKey(session, key, undefined, backup, context.random);
    await confirmAdoption(context, signer, [['belongs to', ownerOf(signer)]]);
    return ready(context, key, signer, () => Promise.resolve());
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** Opens the key of a record. Its attributes must still be those on record. */
export async function openRecordedHsmKey(
  { authority, hsm, secrets }: KeyContext,
  key: Pkcs11KeyUri,
  publicKey: Uint8Array | undefined,
): Promise<Signer> {
  const record = publicKey === undefined ? undefined : authority.keyRecordFor(publicKey);
  const session = await HsmSession.open(key, hsm);
  try {
    await session.login(key, secrets);
    return await openHsmKey(session, key, {
      // A record without it was written by hand.
      origin: record?.hsm?.origin ?? 'adopted',
      backup: record?.hsm?.backup ?? 'none',
      ...(publicKey === undefined ? {} : { publicKey }),
      ...(record === undefined ? {} : { scheme: record.scheme }),
    });
  } catch (error) {
    await session.close();
    throw error;
  }
}

function ready(context: OperationContext, key: Pkcs11KeyUri, inner: Signer, discard: () => Promise<void>): ReadyKey {
  const { uri, scheme, publicKey, hsm } = inner;
  if (hsm === undefined) throw new TypeError('a key in an HSM without its facts');
  let kept = false;
  const signer: Signer = {
    uri,
    scheme,
    publicKey,
    hsm,
    sign: (message) => inner.sign(message),
    close: async () => {
      if (!kept) {
        kept = true;
        await discard().catch(() => {
          context.secrets.announce(
            `warning: ${uri} was made and could not be destroyed again; the next run will find it and say so.`,
          );
        });
      }
      await inner.close();
    },
  };
  const facts = { ...hsm, attributes: { ...hsm.attributes } };
  const { origin, backup } = hsm;
  const record = { uri, scheme, publicKey, madeAtSeconds: context.atSeconds, hsm: { origin, backup, facts } };
  return {
    signer,
    files: [{ path: keyRecordPath(key.name), bytes: encodeKeyRecord(record) }],
    events: keyUsed(inner, origin),
    // Closing the signer of a key that isn't kept destroys it.
    keep: () => {
      kept = true;
    },
    left: () =>
      kept && origin === 'generated'
        ? remark(
            `The key ${uri} is in its token already: take it, or destroy it and make another.`,
            { option: 'adopt' },
            { option: 'destroy-orphan' },
          )
        : undefined,
  };
}

function tokenRows(use: HsmUse): Row[] {
  return [
    ['module', use.module],
    ['token', `${use.token} (serial ${use.serial})`],
    ['made by', `${use.manufacturer} ${use.model}, firmware ${use.firmware}`],
    ['label and id', `${use.label}, ${use.id === '' ? 'none' : use.id}`],
    ['public key (SHA-256)', use.public_key_sha256],
    ['can leave the token', use.backup === 'wrapped' ? `yes, ${UNDER_WRAP}` : 'no'],
  ];
}

async function confirmAdoption(
  { authority, confirm }: OperationContext,
  { uri, publicKey, hsm }: Signer,
  more: readonly Row[] = [],
): Promise<void> {
  const record = authority.keyRecordFor(publicKey);
  if (record !== undefined || hsm === undefined) {
    throw refused('hsm-key-exists', `${uri} is the key of ${record?.file ?? 'a record'} already`, {
      hint: 'Use it by its URI, and leave out that it is to be adopted.',
      remedies: [{ option: 'adopt' }],
    });
  }
  await confirm({
    title: 'A key that is in the token already',
    ofFoundKey: true,
    rows: [['key', uri], ...tokenRows(hsm), ...more],
    changes: [`${uri} is adopted: it signs for this authority from now on`],
    warnings: hsm.unproven.map((claim) => `the token cannot prove ${claim}`),
  });
}

/** Returns what a key in the way is, as far as the token and the authority know it. */
function whatItIs(authority: Authority, { keys }: InTheWay): { text: string; known: boolean } {
  if (keys.length === 0) return { text: 'a public key alone, without its private key', known: false };
  const texts = keys.map((key) => {
    const { publicKey } = key;
    const record = publicKey === undefined ? undefined : authority.keyRecordFor(publicKey);
    const sha256 = publicKey === undefined ? 'unknown' : toHex(hash('sha256', publicKey));
    const whose =
      record === undefined
        ? 'no record of this authority has it: it is left over from a command that failed, or somebody else’s'
        : `it is the key of ${record.file}`;
    return { text: `${describe(key)}, SHA-256 of its public key ${sha256}; ${whose}`, known: record !== undefined };
  });
  return { text: texts.map(({ text }) => text).join('; '), known: texts.some(({ known }) => known) };
}

function keyExists(authority: Authority, session: HsmSession, there: InTheWay): Error {
  const { text, known } = whatItIs(authority, there);
  return refused('hsm-key-exists', `${session.name} holds a key of that label or id already: ${text}`, {
    ...(known
      ? { hint: 'Choose another object= for the new key.' }
      : {
          hint: 'Choose another object=; or take this key; or, if it is certain that nobody uses it, destroy it.',
          remedies: [{ option: 'adopt' }, { option: 'destroy-orphan' }],
        }),
  });
}

async function destroyOrphan(
  { authority, confirm }: OperationContext,
  session: HsmSession,
  { uri }: Pkcs11KeyUri,
  there: InTheWay,
): Promise<void> {
  const { text, known } = whatItIs(authority, there);
  if (known) throw keyExists(authority, session, there);
  await confirm({
    title: 'A key that is in the way',
    rows: [
      ['module', session.process.path],
      ['token', session.name],
      ['key', text],
    ],
    changes: [`this key is destroyed permanently, and ${uri} is made again`],
    warnings: ['Another authority may use it. Nothing brings it back.'],
  });
  await destroyKeys(session, there);
}
