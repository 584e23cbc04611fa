/** Reads from options which credential is to be made or revoked. */
import { resolve } from 'node:path';
import type { Authority } from '../../authority/authority.js';
import { findCredential } from '../../authority/find-credential.js';
import { REVOCATION_REASONS, type RevocationReason } from '../../bundle/revocation.js';
import { usage } from '../../common/errors.js';
import { exists } from '../../common/files.js';
import type { AsCredential } from '../../credential/as-credential.js';
import { readCredential } from '../context/read-credential.js';
import { keyOptionsIn, type TextOptions, validityIn } from '../context/text-options.js';
import type { RootOptions } from './generate-root.js';
import { newestRoot } from './roots.js';
import type { AgainOptions } from './signed-again.js';

/** Returns all options except the ciphersuite, for which the authority has a default. Error: `usage`. */
export function rootOptionsIn(options: TextOptions, succeeds: boolean): Omit<RootOptions, 'ciphersuite'> {
  const keyUri = options.text('key');
  const twin = twinIn(options);
  return {
    ...validityIn(options),
    ...keyOptionsIn(options),
    ...(keyUri === undefined ? {} : { keyUri }),
    succeeds,
    reserve: options.flag('reserve'),
    ...(twin === undefined ? {} : { twin }),
  };
}

/**
 * Returns the root whose key is to sign for itself once more, without any options for a new key; undefined if that
 * isn't wanted. Error: `usage`.
 */
export function againIn(options: TextOptions): AgainOptions | undefined {
  const root = options.text('again');
  if (root === undefined) return undefined;
  const other = ['key', 'ciphersuite', 'backup'].find((name) => options.text(name) !== undefined);
  const flag = ['reserve', 'adopt', 'destroy-orphan'].find((name) => options.flag(name));
  const both = other ?? flag;
  if (both === undefined) return { root, ...validityIn(options) };
  throw usage(`${options.written('again')} and ${options.written(both)} are both given`, {
    hint: `With ${options.written('again')} no key is made: the root's own one signs once more.`,
  });
}

function twinIn(options: TextOptions): RootOptions['twin'] {
  const keyUri = options.text('twin');
  if (keyUri !== undefined) return { keyUri, listed: options.flag('twin-listed') };
  if (!options.flag('twin-listed')) return undefined;
  throw usage(`${options.written('twin-listed')} is given, and no twin`, {
    hint: `Name the twin's key with ${options.written('twin')}.`,
  });
}

/** Returns the root that `signer` names, of the authority or from a file; the newest usable one if not given. */
export function signerIn(authority: Authority, options: TextOptions, atSeconds: number): AsCredential {
  const name = options.text('signer');
  if (name === undefined) return newestRoot(authority, atSeconds).credential;
  if (name.includes('.') && exists(resolve(name))) return readCredential(name, ['as_credential']);
  const { credential } = findCredential(authority, name);
  if (credential.kind === 'as_credential') return credential;
  throw usage(`${options.written('signer')} ${name} is an intermediate`, { hint: 'Name a root.' });
}

/** Returns the key that `key` names, or the next free `file:keys/intermediate-N.age`. */
export function intermediateKeyIn(authority: Authority, options: TextOptions): string {
  return options.text('key') ?? `file:keys/intermediate-${String(authority.nextNumber('intermediate'))}.age`;
}

/** Returns the reason for a revocation. Error: `usage`. */
export function reasonIn(options: TextOptions): RevocationReason {
  const text = options.text('reason');
  const reason = REVOCATION_REASONS.find((known) => known === text);
  if (reason !== undefined) return reason;
  const written = options.written('reason');
  throw usage(text === undefined ? `${written} is missing` : `${written} ${JSON.stringify(text)} is not a reason`, {
    hint: `Choose one of ${REVOCATION_REASONS.join(', ')}.`,
  });
}
