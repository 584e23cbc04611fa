/** The contents of a transcript's files: credentials, requests and bundles, as far as they are available unchanged. */
import { decodeBundle } from '../../bundle/bundle.js';
import { parseJsonObject, textField } from '../../codec/strict-json.js';
import { fromHex, toHex } from '../../common/bytes.js';
import { CeremonyError } from '../../common/errors.js';
import type { AsCredential } from '../../credential/as-credential.js';
import type { Engines } from '../../credential/checks.js';
import { decodeCredentialFile } from '../../credential/credential-file.js';
import { fingerprintOf } from '../../credential/fingerprint-of.js';
import type {
  IntermediateAsCredential,
  IntermediateAsCredentialRequest,
} from '../../credential/intermediate-as-credential.js';
import { hash } from '../../crypto/hash.js';
import { payloadOf } from '../../verify/bundle-trust.js';
import { lookAt } from '../verify/named-files.js';
import { rootsAtHand } from '../verify/signed-files.js';
import type { LookedAt, TranscriptReport } from '../verify/transcript-report.js';

export type Credential = AsCredential | IntermediateAsCredential;
export type SelfSigned = Credential | IntermediateAsCredentialRequest;

/** A file that the transcript names, and its contents. */
export interface MadeFile<T> {
  readonly path: string;
  /** The line that names it, from 1. */
  readonly line: number;
  readonly holds: T;
}

export interface Made {
  readonly credentials: readonly MadeFile<Credential>[];
  readonly requests: readonly MadeFile<IntermediateAsCredentialRequest>[];
  /**
   * Everything that belongs together, roots first: what was made, what the bundles among it list, and who signed it.
   */
  readonly hierarchy: readonly Credential[];
  readonly domain: string | undefined;
  /** URIs of keys by the SHA-256 (hex) of their public keys, from the key records among the files. */
  readonly keyUris: ReadonlyMap<string, string>;
}

export const fingerprintHex = (one: SelfSigned): string => toHex(fingerprintOf(one));
export const publicKeyHash = (one: SelfSigned): string => toHex(hash('sha256', one.payload.publicKey));

/**
 * Returns what was made. Call it only for a report without findings: then every signature in these files has been
 * verified, as far as its signer is available.
 */
export function madeIn({ files, dir }: TranscriptReport, engines: Engines): Made {
  const found = files.flatMap((file) => {
    const { bytes } = lookAt(file, dir);
    return bytes === undefined ? [] : [{ file, bytes }];
  });
  const pems = found.filter(({ file }) => file.path.endsWith('.pem')).flatMap(({ file, bytes }) => pemOf(file, bytes));
  const credentials = pems.flatMap(({ holds, ...rest }) =>
    holds.kind === 'intermediate_as_credential_request' ? [] : [{ ...rest, holds }],
  );
  const requests = pems.flatMap(({ holds, ...rest }) =>
    holds.kind === 'intermediate_as_credential_request' ? [{ ...rest, holds }] : [],
  );
  const listed = found.filter(({ file }) => file.path.endsWith('.cose')).flatMap(({ bytes }) => listedIn(bytes));
  const keyUris = new Map(
    found.filter(({ file }) => /^keys\/[^/]+\.json$/.test(file.path)).flatMap(({ bytes }) => keyUriOf(bytes)),
  );
  const own = [...credentials.map(({ holds }) => holds), ...listed];
  const roots = rootsAtHand([], dir, engines);
  const signers = own.flatMap((one) => {
    const signer = one.kind === 'as_credential' ? undefined : roots.get(toHex(one.payload.signerFingerprint));
    return signer === undefined ? [] : [signer];
  });
  const hierarchy = [...new Map([...own, ...signers].map((one) => [fingerprintHex(one), one])).values()].sort(byRank);
  const root = hierarchy.find((one): one is AsCredential => one.kind === 'as_credential');
  return { credentials, requests, hierarchy, domain: root?.payload.asDomain, keyUris };
}

function pemOf({ path, seq }: LookedAt, bytes: Uint8Array): readonly MadeFile<SelfSigned>[] {
  try {
    const holds = decodeCredentialFile(bytes, [
      'as_credential',
      'intermediate_as_credential',
      'intermediate_as_credential_request',
    ]);
    return [{ path, line: seq + 1, holds }];
  } catch (error) {
    // A file of another kind does not belong here.
    if (error instanceof CeremonyError) return [];
    throw error;
  }
}

function keyUriOf(bytes: Uint8Array): readonly (readonly [hash: string, uri: string])[] {
  const record = parseJsonObject(bytes);
  if (typeof record === 'string') return [];
  const [uri, publicKey] = [textField(record, 'uri'), fromHex(textField(record, 'public_key') ?? '')];
  return uri === undefined || publicKey === undefined ? [] : [[toHex(hash('sha256', publicKey)), uri]];
}

function listedIn(encoded: Uint8Array): readonly Credential[] {
  const { asCredentials, asIntermediateCredentials } = payloadOf(decodeBundle(encoded));
  return [...asCredentials, ...asIntermediateCredentials];
}

function byRank(a: Credential, b: Credential): number {
  const [from, to] = [a.payload.expirationData, b.payload.expirationData];
  if (a.kind !== b.kind) return a.kind === 'as_credential' ? -1 : 1;
  return from.notBefore - to.notBefore || from.notAfter - to.notAfter;
}
