/** Finds keys that already have a label or an ID, and destroys them on request. */
import type { Pkcs11KeyUri } from '../../codec/pkcs11-uri.js';
import type { HsmSession, KeyObject } from './session.js';

/** The keys that already have a label or an ID. */
export interface InTheWay {
  readonly keys: readonly KeyObject[];
  /** Handles of public keys: those that belong to the private keys, and those without one. */
  readonly publicKeys: readonly string[];
}

/** Returns what already has the label or the ID of the URI, or undefined if nothing has. */
export async function keysInTheWay(session: HsmSession, { object, id }: Pkcs11KeyUri): Promise<InTheWay | undefined> {
  const names = [...(object === undefined ? [] : [{ object }]), ...(id === undefined ? [] : [{ id }])];
  const keys = new Map<string, KeyObject>();
  for (const name of names) for (const key of await session.privateKeys(name)) keys.set(key.handle, key);
  const publicKeys = new Set<string>();
  const theirs = [...keys.values()].filter((key) => key.id.length > 0).map((key) => ({ id: key.id }));
  for (const name of [...names, ...theirs]) for (const one of await session.publicKeys(name)) publicKeys.add(one);
  if (keys.size + publicKeys.size === 0) return undefined;
  return { keys: [...keys.values()], publicKeys: [...publicKeys] };
}

/** Destroys the keys. This cannot be undone. */
export async function destroyKeys(session: HsmSession, { keys, publicKeys }: InTheWay): Promise<void> {
  for (const { handle } of keys) await session.destroy(handle);
  for (const handle of publicKeys) await session.destroy(handle);
}
