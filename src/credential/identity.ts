/** Out-of-band validation of a user: one hash over all of the user's client credentials. */
import { encodeVector } from '../codec/tls.js';
import { compareBytes, concatBytes, equalBytes, toHex } from '../common/bytes.js';
import { arrayIn, bytesIn } from '../common/door.js';
import { refused } from '../common/errors.js';
import { refHash } from '../crypto/ref-hash.js';
import type { ClientCredential } from './client-credential.js';
import { encodeUserName, type UserName } from './client-id.js';
import { encodeCredentialFingerprint } from './credential-fingerprint.js';
import { checkDecoded } from './decoded.js';
import { fingerprintOf } from './fingerprint-of.js';

const LABEL = 'MLS 1.0 AS Identity';

/**
 * Returns the identity hash (32 bytes, RFC 9420 §5.2 RefHash) of a user with these fingerprints. There is at least one;
 * they may be in any order, and no two are equal.
 */
export function identityHashOf(userName: UserName, fingerprints: readonly Uint8Array[]): Uint8Array {
  const sorted = [...arrayIn('the fingerprints', fingerprints, bytesIn)].sort(compareBytes);
  const twice = sorted.find((fingerprint, i) => i > 0 && equalBytes(fingerprint, sorted[i - 1] ?? fingerprint));
  if (sorted.length === 0) throw refused('identity', 'an identity needs at least one client credential');
  if (twice !== undefined) throw refused('identity', `the client credential ${toHex(twice)} is given twice`);
  const list = encodeVector(concatBytes(...sorted.map(encodeCredentialFingerprint)));
  return refHash(LABEL, concatBytes(encodeUserName(userName), list));
}

function clientIn(name: string, value: unknown): ClientCredential {
  const client = value as ClientCredential;
  checkDecoded(name, client, ['client_credential']);
  return client;
}

/** Returns the identity hash of one user's client credentials. Error: `identity` if they belong to several users. */
export function identityHash(given: readonly ClientCredential[]): Uint8Array {
  const clients = arrayIn('the client credentials', given, clientIn);
  const [first] = clients;
  if (first === undefined) throw refused('identity', 'an identity needs at least one client credential');
  const user = first.payload.clientId.userName;
  const encodedUser = encodeUserName(user);
  const other = clients.find(({ payload }) => !equalBytes(encodeUserName(payload.clientId.userName), encodedUser));
  if (other !== undefined) {
    const name = other.payload.clientId.userName;
    throw refused(
      'identity',
      `client credentials of two users: ${user.userName}@${user.asDomain} and ${name.userName}@${name.asDomain}`,
    );
  }
  return identityHashOf(user, clients.map(fingerprintOf));
}
