/**
 * Copies of an authority as a courier carries them, and what somebody on the way can write into one without any key of
 * it.
 */
import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openAuthority } from '../../../src/authority/authority.js';
import { applyChange } from '../../../src/authority/store.js';
import {
  bundleSignature,
  decodeBundle,
  encodeBundle,
  signatureProtected,
  sigStructure,
} from '../../../src/bundle/bundle.js';
import { type BundlePayload, encodeBundlePayload, payloadHash } from '../../../src/bundle/payload.js';
import { utf8 } from '../../../src/common/bytes.js';
import { readSecretFile } from '../../../src/common/descriptors.js';
import {
  type AsCredential,
  decodeAsCredential,
  encodeAsCredentialPayload,
} from '../../../src/credential/as-credential.js';
import { decodeCredentialFile, encodeCredentialFile } from '../../../src/credential/credential-file.js';
import { fingerprintOf } from '../../../src/credential/fingerprint-of.js';
import {
  decodeIntermediateAsCredential,
  decodeIntermediateAsCredentialRequest,
  encodeIntermediateAsCredentialPayload,
} from '../../../src/credential/intermediate-as-credential.js';
import { attachSignature, selfSignatureContent, signatureContent } from '../../../src/credential/self-signed.js';
import { sign } from '../../../src/crypto/private-key.js';
import { openSoftwareKey } from '../../../src/signer/software-key.js';
import { payloadOf } from '../../../src/verify/bundle-trust.js';
import { newKeyPair } from '../keys/software-keys.js';
import { cli } from './cli.js';
import { mustSucceed, type Scene } from './cli-authority.js';

/** A folder that holds what everybody may see, and these key files alone. */
export function siteWith(scene: Scene, name: string, keys: readonly string[]): string {
  const dir = scene.path(name);
  cpSync(scene.dir, dir, { recursive: true });
  for (const file of readdirSync(join(dir, 'keys')))
    if (file.endsWith('.age') && !keys.includes(file)) rmSync(join(dir, 'keys', file));
  return dir;
}

/** What stands on the paper of a site's people. */
export function headOf(dir: string): string {
  const { stdout } = mustSucceed(cli(['-C', dir, 'ledger', 'verify', '--json']));
  return (JSON.parse(stdout) as { head: string }).head;
}

/** Files with a transcript that names them, as anybody can write them who can write the copy. */
export async function plant(dir: string, files: Readonly<Record<string, Uint8Array>>): Promise<void> {
  applyChange(await openAuthority(dir), {
    operation: 'ledger receive',
    files: Object.entries(files).map(([path, bytes]) => ({ path, bytes })),
    events: [{ event: 'received', fields: { head: '0'.repeat(64) } }],
    atSeconds: Math.floor(Date.now() / 1000),
    recordIn: { writer: { toolVersion: 'x', hostName: 'spy' } },
  });
}

export interface Signatory {
  readonly root: AsCredential;
  readonly sign: (content: Uint8Array) => Uint8Array | Promise<Uint8Array>;
}

export function rootIn(dir: string, file = 'root-1.pem'): AsCredential {
  return decodeCredentialFile(new Uint8Array(readFileSync(join(dir, 'credentials', file))), ['as_credential']);
}

/** A root of the same domain and dates by somebody's own key. */
export function strangerLike(root: AsCredential): Signatory & { readonly pem: Uint8Array } {
  const { scheme } = root.payload.ciphersuite;
  const { privateKey, publicKey } = newKeyPair(scheme);
  const payloadBytes = encodeAsCredentialPayload({ ...root.payload, publicKey });
  const content = selfSignatureContent('AsCredential', payloadBytes);
  const own = decodeAsCredential(attachSignature(payloadBytes, sign(scheme, privateKey, content)));
  return { root: own, sign: (content_) => sign(scheme, privateKey, content_), pem: utf8(encodeCredentialFile(own)) };
}

type KeyPair = ReturnType<typeof newKeyPair>;

/** A request by whoever has the key. */
export function requestBy(root: AsCredential, pair: KeyPair, notAfter: number): Uint8Array {
  const request = decodeIntermediateAsCredentialRequest(selfSignedBy(root, pair, notAfter));
  return utf8(encodeCredentialFile(request));
}

/** An intermediate of the domain by whoever has a key of the root, whatever its own key. */
export async function intermediateBy(
  { root, sign: signIt }: Signatory,
  pair: KeyPair,
  notAfter: number,
): Promise<Uint8Array> {
  const selfSigned = selfSignedBy(root, pair, notAfter);
  const encoded = attachSignature(selfSigned, await signIt(signatureContent(INTERMEDIATE, selfSigned)));
  return utf8(encodeCredentialFile(decodeIntermediateAsCredential(encoded)));
}

const INTERMEDIATE = 'IntermediateAsCredential';

function selfSignedBy(root: AsCredential, { privateKey, publicKey }: KeyPair, notAfter: number): Uint8Array {
  const { ciphersuite, expirationData } = root.payload;
  const signerFingerprint = fingerprintOf(root);
  const dates = { ...expirationData, notAfter };
  const payload = { expirationData: dates, ciphersuite, publicKey, signerFingerprint };
  const payloadBytes = encodeIntermediateAsCredentialPayload(payload);
  const own = sign(ciphersuite.scheme, privateKey, selfSignatureContent(INTERMEDIATE, payloadBytes));
  return attachSignature(payloadBytes, own);
}

/** The bundle after this one, with whatever changes, signed by these. */
export async function bundleAfter(
  last: Uint8Array,
  changed: Partial<BundlePayload>,
  by: readonly Signatory[],
): Promise<Uint8Array> {
  const decoded = decodeBundle(last);
  const before = payloadOf(decoded);
  const payloadBytes = encodeBundlePayload({
    ...before,
    sequence: before.sequence + 1,
    previous: payloadHash(decoded.payloadBytes),
    issuedAt: before.issuedAt + 1,
    ...changed,
  });
  const signatures = by.map(async ({ root, sign: signIt }) => {
    const { scheme } = root.payload.ciphersuite;
    const kid = fingerprintOf(root);
    return bundleSignature(kid, scheme, await signIt(sigStructure(signatureProtected(kid, scheme), payloadBytes)));
  });
  return encodeBundle(payloadBytes, await Promise.all(signatures));
}

/** Whoever stole a root of ours, with its passphrase. */
export async function thiefOf(scene: Scene, name: string): Promise<Signatory> {
  const root = rootIn(scene.dir, `${name}.pem`);
  const signer = await openSoftwareKey({
    uri: `file:keys/${name}.age`,
    ageFile: new Uint8Array(readFileSync(join(scene.dir, 'keys', `${name}.age`))),
    passphrase: await readSecretFile(scene.passphraseFile),
    expectedPublicKey: root.payload.publicKey,
  });
  return { root, sign: (content) => signer.sign(content) };
}
