/**
 * What an AS and one of its clients would make: a client credential, a leaf credential and a signed message, below an
 * intermediate.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { utf8 } from '../../../src/common/bytes.js';
import { readSecretFile } from '../../../src/common/descriptors.js';
import { decodeClientCredential, encodeClientCredentialPayload } from '../../../src/credential/client-credential.js';
import { decodeCredentialFile, encodeCredentialFile } from '../../../src/credential/credential-file.js';
import { fingerprintOf } from '../../../src/credential/fingerprint-of.js';
import { decodeLeafCredential, encodeLeafCredentialPayload } from '../../../src/credential/leaf-credential.js';
import { attachSignature, selfSignatureContent, signatureContent } from '../../../src/credential/self-signed.js';
import { sign } from '../../../src/crypto/private-key.js';
import { signContent } from '../../../src/crypto/sign-with-label.js';
import { openSoftwareKey } from '../../../src/signer/software-key.js';
import { newKeyPair } from '../keys/software-keys.js';

type Sign = (content: Uint8Array) => Uint8Array | Promise<Uint8Array>;

async function issued(
  name: 'ClientCredential' | 'LeafCredential',
  payload: Uint8Array,
  own: Sign,
  above: Sign,
): Promise<Uint8Array> {
  const request = attachSignature(payload, await own(selfSignatureContent(name, payload)));
  return attachSignature(request, await above(signatureContent(name, request)));
}

/** Writes client.pem, leaf.pem, hello.bin and hello.sig (label `Hello`) into `folder`. */
export async function makeLeafChain(folder: string, authority: string, passphraseFile: string): Promise<void> {
  const read = (path: string): Uint8Array => new Uint8Array(readFileSync(join(authority, path)));
  const intermediate = decodeCredentialFile(read('credentials/intermediate-1.pem'), ['intermediate_as_credential']);
  const { ciphersuite, expirationData, publicKey } = intermediate.payload;
  const { scheme } = ciphersuite;
  const uri = 'file:keys/intermediate-1.age';
  const signer = await openSoftwareKey({
    uri,
    ageFile: read('keys/intermediate-1.age'),
    passphrase: await readSecretFile(passphraseFile),
    expectedPublicKey: publicKey,
  });
  const common = { ciphersuite, expirationData: { ...expirationData, notAfter: expirationData.notBefore + 86_400 } };
  const [client, leaf] = [newKeyPair(scheme), newKeyPair(scheme)];
  const by =
    ({ privateKey }: { privateKey: Uint8Array }): Sign =>
    (content) =>
      sign(scheme, privateKey, content);
  const clientPayload = encodeClientCredentialPayload({
    ...common,
    clientId: { userName: { asDomain: 'example.org', userName: 'alice' }, clientUuid: new Uint8Array(16).fill(7) },
    publicKey: client.publicKey,
    signerFingerprint: fingerprintOf(intermediate),
  });
  const clientBytes = await issued('ClientCredential', clientPayload, by(client), (content) => signer.sign(content));
  await signer.close();
  const clientCredential = decodeClientCredential(clientBytes);
  const leafPayload = encodeLeafCredentialPayload({
    ...common,
    publicKey: leaf.publicKey,
    signerFingerprint: fingerprintOf(clientCredential),
  });
  const leafBytes = await issued('LeafCredential', leafPayload, by(leaf), by(client));
  const message = utf8('hello');
  writeFileSync(join(folder, 'client.pem'), encodeCredentialFile(clientCredential));
  writeFileSync(join(folder, 'leaf.pem'), encodeCredentialFile(decodeLeafCredential(leafBytes)));
  writeFileSync(join(folder, 'hello.bin'), message);
  writeFileSync(join(folder, 'hello.sig'), await by(leaf)(signContent('Hello', message)));
}
