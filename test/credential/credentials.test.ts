/** Whole chains with their private keys: every field, both signatures, and the encodings made again from the fields. */
import { describe, expect, test } from '@jest/globals';
import { equalBytes, toHex } from '../../src/common/bytes.js';
import { encodeAsCredentialPayload } from '../../src/credential/as-credential.js';
import {
  decodeAsCredentialsResponse,
  encodeAsCredentialsResponse,
} from '../../src/credential/as-credentials-response.js';
import { checkNesting, checkSelfSignature, checkSignature } from '../../src/credential/checks.js';
import { encodeClientCredentialPayload } from '../../src/credential/client-credential.js';
import { decodeCredentialFile, encodeCredentialFile } from '../../src/credential/credential-file.js';
import { fingerprintOf } from '../../src/credential/fingerprint-of.js';
import { encodeIntermediateAsCredentialPayload } from '../../src/credential/intermediate-as-credential.js';
import { type AnyCredential, KINDS } from '../../src/credential/kinds.js';
import { encodeLeafCredentialPayload } from '../../src/credential/leaf-credential.js';
import { attachSignature, selfSignatureContent, signatureContent } from '../../src/credential/self-signed.js';
import type { SchemeInfo } from '../../src/crypto/ciphersuite.js';
import { isEdwards } from '../../src/crypto/curves.js';
import { nobleEngine } from '../../src/crypto/noble-engine.js';
import { nodeEngine } from '../../src/crypto/node-engine.js';
import { derivePublicKey, sign } from '../../src/crypto/private-key.js';
import { hex } from '../bundle/support.js';
import { describeWithVectors } from '../support/shared-vectors.js';
import {
  ciphersuiteOf,
  CREDENTIAL_KINDS,
  type CredentialsVector,
  decodeKind,
  type MadeVector,
  ownVectors,
} from './vectors.js';

const ENGINES = [nobleEngine, nodeEngine];

function encodePayload(credential: AnyCredential): Uint8Array {
  switch (credential.kind) {
    case 'as_credential':
      return encodeAsCredentialPayload(credential.payload);
    case 'intermediate_as_credential':
      return encodeIntermediateAsCredentialPayload(credential.payload);
    case 'client_credential':
      return encodeClientCredentialPayload(credential.payload);
    case 'leaf_credential':
      return encodeLeafCredentialPayload(credential.payload);
  }
}

/** `reproduced` says whose signatures must come out to the byte. */
function defineTests(vectors: readonly CredentialsVector[], reproduced: (scheme: SchemeInfo) => boolean): void {
  describe.each(vectors.map((vector) => [vector.name, vector] as const))('%s', (_name, vector) => {
    const credentials: readonly AnyCredential[] = CREDENTIAL_KINDS.map((kind) =>
      decodeKind(kind, vector[kind].encoded),
    );
    const made = (credential: AnyCredential): MadeVector => vector[credential.kind];
    const signerOf = (credential: AnyCredential): AnyCredential | undefined =>
      credentials[credentials.indexOf(credential) - 1];

    test.each(credentials.map((credential) => [credential.kind, credential] as const))('%s: fields', (_kind, one) => {
      const expected = made(one);
      expect(one.payload.expirationData).toEqual({ notBefore: expected.not_before, notAfter: expected.not_after });
      expect(one.payload.ciphersuite).toEqual(ciphersuiteOf(expected.ciphersuite));
      expect(toHex(one.payload.publicKey)).toBe(expected.public_key);
      if (one.kind === 'as_credential') expect(one.payload.asDomain).toBe(expected.as_domain);
      else expect(toHex(one.payload.signerFingerprint)).toBe(expected.signer_fingerprint);
      if (one.kind === 'client_credential') {
        const { userName, clientUuid } = one.payload.clientId;
        expect(userName).toEqual({
          asDomain: expected.client_id?.as_domain,
          userName: expected.client_id?.user_name,
        });
        expect(toHex(clientUuid)).toBe(expected.client_id?.client_uuid.replaceAll('-', ''));
      }
      expect(toHex(one.payloadBytes)).toBe(expected.payload);
      expect(toHex(one.encoded)).toBe(expected.encoded);
      expect(toHex(fingerprintOf(one))).toBe(expected.fingerprint);
      if (one.kind !== 'as_credential') expect(toHex(one.selfSignedBytes)).toBe(expected.request);
    });

    test.each(credentials.map((credential) => [credential.kind, credential] as const))(
      '%s: encoded anew from its fields, and as a file',
      (_kind, one) => {
        expect(toHex(encodePayload(one))).toBe(made(one).payload);
        const selfSigned = attachSignature(one.payloadBytes, one.selfSignature);
        const whole = one.kind === 'as_credential' ? selfSigned : attachSignature(selfSigned, one.signature);
        expect(toHex(whole)).toBe(made(one).encoded);
        const file = new TextEncoder().encode(encodeCredentialFile(one));
        expect(decodeCredentialFile(file, CREDENTIAL_KINDS)).toEqual(one);
        expect(decodeCredentialFile(one.encoded, [one.kind])).toEqual(one);
      },
    );

    test.each(credentials.map((credential) => [credential.kind, credential] as const))(
      '%s: signatures, made and checked',
      (_kind, one) => {
        const { structName } = KINDS[one.kind];
        const { scheme } = one.payload.ciphersuite;
        const privateKey = hex(made(one).private_key);
        expect(toHex(derivePublicKey(scheme, privateKey))).toBe(made(one).public_key);
        checkSelfSignature(one, ENGINES);
        const self = selfSignatureContent(structName, one.payloadBytes);
        if (reproduced(scheme)) expect(toHex(sign(scheme, privateKey, self))).toBe(toHex(one.selfSignature));
        const signer = signerOf(one);
        if (one.kind === 'as_credential' || signer === undefined) return;
        expect(equalBytes(one.payload.signerFingerprint, fingerprintOf(signer))).toBe(true);
        checkSignature(one, signer, ENGINES);
        checkNesting(one, signer);
        const above = signer.payload.ciphersuite.scheme;
        if (reproduced(above)) {
          const content = signatureContent(structName, one.selfSignedBytes);
          const signature = sign(above, hex(made(signer).private_key), content);
          expect(toHex(signature)).toBe(toHex(one.signature));
        }
      },
    );

    test.each(['intermediate_as_credential', 'client_credential'] as const)('%s: its request', (kind) => {
      const request = decodeKind(`${kind}_request`, vector[kind].request ?? '');
      const credential = decodeKind(kind, vector[kind].encoded);
      expect(request.payload).toEqual(credential.payload);
      expect(toHex(request.encoded)).toBe(toHex(credential.selfSignedBytes));
      checkSelfSignature(request, ENGINES);
      const file = new TextEncoder().encode(encodeCredentialFile(request));
      expect(decodeCredentialFile(file, [`${kind}_request`])).toEqual(request);
    });

    test('a response with them, there and back', () => {
      const root = decodeKind('as_credential', vector.as_credential.encoded);
      const intermediate = decodeKind('intermediate_as_credential', vector.intermediate_as_credential.encoded);
      const response = {
        asCredentials: [root],
        asIntermediateCredentials: [intermediate, intermediate],
        revokedCerts: [hex(vector.client_credential.fingerprint), new Uint8Array(64)],
      };
      expect(decodeAsCredentialsResponse(encodeAsCredentialsResponse(response))).toEqual(response);
    });
  });
}

describe('own vectors', () => {
  // Made with RFC 6979 nonces, as `sign` has them.
  defineTests(ownVectors('credentials'), () => true);
});

describeWithVectors('phoenix/credentials.json', (vectors: readonly CredentialsVector[]) => {
  defineTests(vectors, ({ name }) => isEdwards(name));
});
