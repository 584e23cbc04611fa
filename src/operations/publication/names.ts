/** The files on the web server, each with its purpose. */
import { toHex } from '../../common/bytes.js';
import type { AsCredential } from '../../credential/as-credential.js';
import { fingerprintOf } from '../../credential/fingerprint-of.js';
import type { PastBundle } from '../lifecycle/bundle-history.js';

export const BUNDLE = 'bundle.cose';
export const RESPONSE = 'as-credentials-response.tls';
export const JSON_VIEW = 'bundle.json';
export const FINGERPRINTS = 'fingerprints.txt';
export const README = 'README.txt';
export const INDEX = 'index.html';
export const SUMS = 'SHA256SUMS';
/** Never on the web server. */
export const LATER = 'later';

export function earlierName({ payload: { sequence } }: PastBundle): string {
  return `earlier/bundle-${padded(sequence)}.cose`;
}

/** Returns the file name of a root that signs but is no longer listed. */
export function signerName(root: AsCredential): string {
  return `signers/root-${toHex(fingerprintOf(root)).slice(0, 16)}.pem`;
}

/** Returns a name with sequence and first day, so that a listing is in order and says when. */
export function laterName({ payload: { sequence, issuedAt } }: PastBundle): string {
  return `${LATER}/${padded(sequence)}-from-${new Date(issuedAt * 1000).toISOString().slice(0, 10)}`;
}

function padded(sequence: number): string {
  return String(sequence).padStart(6, '0');
}

/** For people, in the order of the page's table. */
export const PURPOSES: readonly (readonly [name: string, purpose: string])[] = [
  [BUNDLE, 'the signed bundle (COSE, RFC 9052): what clients verify and keep'],
  [RESPONSE, 'AsCredentialsResponse (TLS presentation language), for clients that do not read bundles; not signed'],
  [JSON_VIEW, 'the bundle as JSON; not signed'],
  [FINGERPRINTS, 'all fingerprints in hex, in groups and as PGP words'],
  [README, 'how to serve these files'],
];

export const EARLIER_PURPOSE = 'an earlier bundle, for clients that step from the one that they hold';

export const SIGNER_PURPOSE =
  'a root that signs this bundle, or an earlier one, but is no longer listed: for clients that hold no bundle which lists it';

/** The media type that the server gives each file. */
export const MEDIA_TYPES: readonly (readonly [name: string, type: string])[] = [
  ['*.cose', 'application/vnd.as-credential-bundle+cose'],
  ['*.pem', 'application/x-pem-file'],
  [RESPONSE, 'application/octet-stream'],
  [JSON_VIEW, 'application/json'],
  [`${FINGERPRINTS}, ${README}, ${SUMS}`, 'text/plain; charset=utf-8'],
  [INDEX, 'text/html; charset=utf-8'],
];
