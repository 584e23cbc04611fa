/** Finds a key in a token by its record, and has it prove itself before it is destroyed. */
import type { HeldKeyRecord } from '../../authority/authority.js';
import type { Pkcs11KeyUri } from '../../codec/key-uri.js';
import { equalBytes } from '../../common/bytes.js';
import { CeremonyError, couldNot, refused } from '../../common/errors.js';
import { proveHsmKey } from '../../signer/pkcs11/hsm-key.js';
import { destroyKeys, type InTheWay } from '../../signer/pkcs11/in-the-way.js';
import { describe, HsmSession, type KeyObject } from '../../signer/pkcs11/session.js';
import { moduleUse } from '../../signer/pkcs11/use.js';
import type { OperationContext } from '../context/operation-context.js';
import type { Doomed } from './doomed-key.js';

const nothing = (): Promise<void> => Promise.resolve();

/**
 * Finds the key by its label and ID, compares its public key with the record, and has it sign, so that no other key is
 * destroyed. What an interrupted run left (the public key alone) is found too. Errors: `hsm-key-not-found`,
 * `key-mismatch`, `ambiguous-key-uri`, `signature-check-failed`, and those of the token.
 */
export async function doomedHsmKey(
  context: OperationContext,
  record: HeldKeyRecord,
  key: Pkcs11KeyUri,
  unproved: boolean,
): Promise<Doomed> {
  let session: HsmSession;
  try {
    session = await HsmSession.open(key, context.hsm);
  } catch (error) {
    const lost = error instanceof CeremonyError && error.code === 'hsm-token-not-found';
    if (lost && unproved) return { how: 'its token is gone', events: [], destroy: nothing, close: nothing };
    throw error;
  }
  try {
    await session.login(key, context.secrets);
    const found = await find(session, record, key, unproved);
    for (const one of found.keys) await proveHsmKey(session, one.handle, record, context.random);
    const { token } = session.found;
    const known = record.hsm?.facts.serial;
    const serial = typeof known === 'string' ? known : token.serial;
    return {
      how:
        found.keys.length > 0
          ? `it was destroyed in ${session.name}`
          : serial === token.serial
            ? `${session.name} held no such private key any more`
            : `${session.name} holds no such private key, and is another token than that on record, whose serial is ${serial}: the key may be there still`,
      events: [
        {
          event: 'key',
          fields: {
            what: 'found in its token',
            key: record.uri,
            token: token.label,
            serial: token.serial,
            model: token.model,
            ...moduleUse(session.found.agreed),
            keys: found.keys.map((one) => ({ named: describe(one), attributes: { ...one.attributes } })),
          },
        },
      ],
      destroy: async () => {
        await destroyKeys(session, found);
        const left = await find(session, record, key, true);
        if (left.keys.length + left.publicKeys.length === 0) return;
        throw couldNot('hsm-error', `${session.name} still shows ${record.uri} after it was destroyed`, {
          hint: 'Look at the token, and destroy the key again.',
          remedies: [
            { command: 'hsm keys', args: [session.uri] },
            { command: 'key destroy', args: [record.name] },
          ],
        });
      },
      close: () => session.close(),
    };
  } catch (error) {
    await session.close();
    throw error;
  }
}

async function find(
  session: HsmSession,
  { scheme, publicKey, uri, end }: HeldKeyRecord,
  key: Pkcs11KeyUri,
  mayBeGone: boolean,
): Promise<InTheWay> {
  const named = await session.privateKeys(key);
  const isIt = (one: KeyObject): boolean =>
    one.scheme === scheme && (one.publicKey === undefined || equalBytes(one.publicKey, publicKey));
  const keys = named.filter(isIt);
  if (keys.length > 1) {
    throw refused('ambiguous-key-uri', `${String(keys.length)} private keys in ${session.name} fit ${uri}`, {
      hint: 'None was destroyed. Look at them.',
      remedies: [{ command: 'hsm keys', args: [session.uri] }],
    });
  }
  const [other] = named;
  // Another key may have the name of one that is gone; it is not touched here.
  if (keys.length === 0 && other !== undefined && end === undefined && !mayBeGone) {
    throw refused('key-mismatch', `${uri} names another key now: ${describe(other)}; it was not destroyed`, {
      hint: 'Find out who changed the token, or whether this is another one with the same label.',
    });
  }
  if (keys.length === 0 && end === undefined && !mayBeGone) await session.theKey(key);
  const publicKeys: string[] = [];
  for (const handle of await session.publicKeys(key)) {
    const one = await session.publicKeyOf(scheme, handle);
    if (one !== undefined && equalBytes(one, publicKey)) publicKeys.push(handle);
  }
  return { keys, publicKeys };
}
