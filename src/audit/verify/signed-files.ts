/**
 * Verifies the signatures on credentials, requests and bundles with all engines, and finds out what each of them signs.
 */
import { listInside, readInside } from '../../authority/ground/inside.js';
import { decodeBundle, sigStructure } from '../../bundle/bundle.js';
import type { JsonObject } from '../../codec/strict-json.js';
import { equalBytes, toHex } from '../../common/bytes.js';
import type { Code } from '../../common/codes.js';
import { CeremonyError } from '../../common/errors.js';
import { MAX_CREDENTIAL_FILE } from '../../common/files.js';
import type { AsCredential } from '../../credential/as-credential.js';
import { checkNesting, checkSelfSignature, checkSignature, type Engines } from '../../credential/checks.js';
import { decodeCredentialFile } from '../../credential/credential-file.js';
import { fingerprintOf } from '../../credential/fingerprint-of.js';
import { type AnyCredential, type AnyRequest, type Kind, KINDS } from '../../credential/kinds.js';
import { selfSignatureContent, signatureContent } from '../../credential/self-signed.js';
import { hash } from '../../crypto/hash.js';
import { acceptBundle } from '../../verify/accept-bundle.js';
import { payloadOf } from '../../verify/bundle-trust.js';

/** One good signature; hashes are in hex. */
export interface GoodSignature {
  readonly path: string;
  readonly signedSha256: string;
  readonly publicKeySha256: string;
  /** The AS credential that signed a bundle. */
  readonly kid?: string;
  /** What the event of this signature must have, as far as the file shows it. */
  readonly says: JsonObject;
}

export interface SignedFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

export interface SignedFileReport {
  readonly good: readonly GoodSignature[];
  /** What is not valid, with a code of the wire format or the bundle format. */
  readonly faults: readonly { readonly path: string; readonly code: Code; readonly message: string }[];
  /** What could not be verified, because a signer's credential is not available. */
  readonly unchecked: readonly { readonly path: string; readonly why: string }[];
}

/** Returns whether a file that a transcript names can hold signatures. */
export function holdsSignatures(path: string): boolean {
  return /\.(pem|cose)$/.test(path);
}

/**
 * Verifies all of them. Signers are looked up among the files themselves, and among the roots in the authority. Error:
 * `engines-disagree`.
 */
export function checkSignedFiles(
  files: readonly SignedFile[],
  dir: string | undefined,
  engines: Engines,
): SignedFileReport {
  const good: GoodSignature[] = [];
  const faults: { path: string; code: Code; message: string }[] = [];
  const unchecked: { path: string; why: string }[] = [];
  const roots = rootsAtHand(files, dir, engines);
  // Good signatures of one content are found once, under whichever of its names comes first.
  const seen = new Set<string>();
  for (const { path, bytes } of files) {
    const content = `${path.slice(-5)} ${toHex(hash('sha256', bytes))}`;
    if (seen.has(content)) continue;
    try {
      const found = path.endsWith('.cose')
        ? bundleSignatures(path, bytes, roots, engines)
        : credentialSignatures(path, bytes, roots, engines, (why) => unchecked.push({ path, why }));
      good.push(...found);
      if (unchecked.at(-1)?.path !== path) seen.add(content);
    } catch (error) {
      if (!(error instanceof CeremonyError) || error.code === 'engines-disagree') throw error;
      if (error.code === 'unknown-signer') unchecked.push({ path, why: error.message });
      else faults.push({ path, code: error.code, message: error.message });
    }
  }
  return { good, faults, unchecked };
}

/** Returns AS credentials by fingerprint (hex) in these files and in the authority, if their own signature is good. */
export function rootsAtHand(
  files: readonly SignedFile[],
  dir: string | undefined,
  engines: Engines,
): ReadonlyMap<string, AsCredential> {
  const roots = new Map<string, AsCredential>();
  const add = (read: () => Uint8Array): void => {
    try {
      const root = decodeCredentialFile(read(), ['as_credential']);
      checkSelfSignature(root, engines);
      roots.set(toHex(fingerprintOf(root)), root);
    } catch (error) {
      // Of another kind, or a fault that is reported for the file itself.
      if (!(error instanceof CeremonyError) || error.code === 'engines-disagree') throw error;
    }
  };
  for (const { path, bytes } of files) if (path.endsWith('.pem')) add(() => bytes);
  if (dir === undefined) return roots;
  for (const name of listInside(dir, 'credentials'))
    if (/^root-\d+\.pem$/.test(name)) add(() => readInside(dir, `credentials/${name}`, MAX_CREDENTIAL_FILE));
  return roots;
}

function credentialSignatures(
  path: string,
  bytes: Uint8Array,
  roots: ReadonlyMap<string, AsCredential>,
  engines: Engines,
  cannotCheck: (why: string) => void,
): readonly GoodSignature[] {
  const credential: AnyCredential | AnyRequest = decodeCredentialFile(bytes, Object.keys(KINDS) as Kind[]);
  const { structName, title } = KINDS[credential.kind];
  checkSelfSignature(credential, engines);
  const content = selfSignatureContent(structName, credential.payloadBytes);
  const isRoot = credential.kind === 'as_credential';
  const request = 'selfSignedBytes' in credential ? credential.selfSignedBytes : credential.encoded;
  const ofRequest = { request_sha256: toHex(hash('sha256', request)) };
  const self = isRoot ? { what: 'AsCredential' } : { what: 'IntermediateAsCredential request', ...ofRequest };
  const signed = [signature(path, content, credential.payload.publicKey, self)];
  if (credential.kind === 'as_credential' || !('signature' in credential)) return signed;
  const wanted = toHex(credential.payload.signerFingerprint);
  const signer = roots.get(wanted);
  if (signer === undefined) {
    cannotCheck(`the signer of this ${title} is not at hand: ${wanted}`);
    return signed;
  }
  checkSignature(credential, signer, engines);
  checkNesting(credential, signer);
  return [
    ...signed,
    signature(path, signatureContent(structName, credential.selfSignedBytes), signer.payload.publicKey, {
      what: 'IntermediateAsCredential',
      signer: wanted,
      ...ofRequest,
    }),
  ];
}

/** Verifies as a client that trusts the available roots; whether those are the right ones is for the reader to know. */
function bundleSignatures(
  path: string,
  encoded: Uint8Array,
  roots: ReadonlyMap<string, AsCredential>,
  engines: Engines,
): readonly GoodSignature[] {
  const bundle = decodeBundle(encoded);
  const payload = payloadOf(bundle);
  const known = [...roots.values()];
  const pins = [...payload.asCredentials, ...known].map(fingerprintOf);
  const atSeconds = payload.issuedAt;
  const { signers } = acceptBundle({ bundle: encoded, held: { pins, threshold: 1 }, known, atSeconds, engines });
  return bundle.signatures.flatMap(({ kid, protectedBytes }) => {
    const signer = signers.find(({ credential }) => equalBytes(fingerprintOf(credential), kid))?.credential;
    if (signer === undefined) return [];
    const content = sigStructure(protectedBytes, bundle.payloadBytes);
    const says = { what: 'bundle', sequence: payload.sequence };
    return [{ ...signature(path, content, signer.payload.publicKey, says), kid: toHex(kid) }];
  });
}

function signature(path: string, content: Uint8Array, publicKey: Uint8Array, says: JsonObject): GoodSignature {
  const [signedSha256, publicKeySha256] = [hash('sha256', content), hash('sha256', publicKey)].map(toHex);
  return { path, signedSha256: signedSha256 ?? '', publicKeySha256: publicKeySha256 ?? '', says };
}
