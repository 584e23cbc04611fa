// A whole Ed25519 chain and a bundle for the bench, made with the project's own layers.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';

const DAY = 86_400;

async function layers(folder) {
  const outfile = join(folder, 'layers.mjs');
  const contents = `
    export { encodeAsCredentialPayload, decodeAsCredential } from './src/credential/as-credential.js';
    export { encodeIntermediateAsCredentialPayload, decodeIntermediateAsCredential } from './src/credential/intermediate-as-credential.js';
    export { encodeClientCredentialPayload, decodeClientCredential } from './src/credential/client-credential.js';
    export { encodeLeafCredentialPayload, decodeLeafCredential } from './src/credential/leaf-credential.js';
    export { attachSignature, selfSignatureContent, signatureContent } from './src/credential/self-signed.js';
    export { encodeCredentialFile } from './src/credential/credential-file.js';
    export { fingerprintOf } from './src/credential/fingerprint-of.js';
    export { parseCiphersuite } from './src/crypto/ciphersuite.js';
    export { derivePublicKey, generatePrivateKey, sign } from './src/crypto/private-key.js';
    export { bundleSignature, encodeBundle, signatureProtected, sigStructure } from './src/bundle/bundle.js';
    export { encodeBundlePayload } from './src/bundle/payload.js';
  `;
  const resolveDir = fileURLToPath(new URL('..', import.meta.url));
  buildSync({ stdin: { contents, resolveDir, loader: 'ts' }, bundle: true, platform: 'node', format: 'esm', outfile });
  return import(pathToFileURL(outfile).href);
}

/** Writes root.pem, intermediate.pem, client.pem, leaf.pem and bundle.cose into the folder. */
export async function makeChain(folder) {
  const on = await layers(folder);
  const ciphersuite = on.parseCiphersuite('ed25519-sha256');
  const { scheme } = ciphersuite;
  const now = Math.floor(Date.now() / 1000);
  const newKey = () => {
    const secret = on.generatePrivateKey(scheme, (n) => crypto.getRandomValues(new Uint8Array(n)));
    return { publicKey: on.derivePublicKey(scheme, secret), sign: (content) => on.sign(scheme, secret, content) };
  };
  const common = (key, days) => ({
    expirationData: { notBefore: now - DAY + 3650 - days, notAfter: now + days * DAY },
    ciphersuite,
    publicKey: key.publicKey,
  });
  const selfSign = (name, payload, key) =>
    on.attachSignature(payload, key.sign(on.selfSignatureContent(name, payload)));

  const rootKey = newKey();
  const rootPayload = on.encodeAsCredentialPayload({ asDomain: 'example.org', ...common(rootKey, 3650) });
  const root = on.decodeAsCredential(selfSign('AsCredential', rootPayload, rootKey));
  const below = (name, encode, decode, days, signer, signerKey, more = {}) => {
    const key = newKey();
    const payload = encode({ ...more, ...common(key, days), signerFingerprint: on.fingerprintOf(signer) });
    const request = selfSign(name, payload, key);
    const credential = decode(on.attachSignature(request, signerKey.sign(on.signatureContent(name, request))));
    return { credential, key };
  };
  const intermediate = below(
    'IntermediateAsCredential',
    on.encodeIntermediateAsCredentialPayload,
    on.decodeIntermediateAsCredential,
    365,
    root,
    rootKey,
  );
  const clientId = { userName: { asDomain: 'example.org', userName: 'alice' }, clientUuid: new Uint8Array(16) };
  const client = below(
    'ClientCredential',
    on.encodeClientCredentialPayload,
    on.decodeClientCredential,
    90,
    intermediate.credential,
    intermediate.key,
    { clientId },
  );
  const leaf = below(
    'LeafCredential',
    on.encodeLeafCredentialPayload,
    on.decodeLeafCredential,
    30,
    client.credential,
    client.key,
  );

  const payloadBytes = on.encodeBundlePayload({
    asDomain: 'example.org',
    sequence: 1,
    previous: null,
    issuedAt: now,
    expiresAt: now + 120 * DAY,
    asCredentials: [root],
    asIntermediateCredentials: [intermediate.credential],
    revokedCerts: [],
    threshold: 1,
    nextRoots: [],
  });
  const kid = on.fingerprintOf(root);
  const content = on.sigStructure(on.signatureProtected(kid, scheme), payloadBytes);
  const bundle = on.encodeBundle(payloadBytes, [on.bundleSignature(kid, scheme, rootKey.sign(content))]);

  const write = (name, credential) => writeFileSync(join(folder, name), on.encodeCredentialFile(credential));
  write('root.pem', root);
  write('intermediate.pem', intermediate.credential);
  write('client.pem', client.credential);
  write('leaf.pem', leaf.credential);
  writeFileSync(join(folder, 'bundle.cose'), bundle);
}
