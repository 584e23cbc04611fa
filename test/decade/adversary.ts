/** Whoever has stolen roots, and every bundle that was ever signed and not destroyed; and what can be made of them. */
import {
  bundleSignature,
  decodeBundle,
  encodeBundle,
  signatureProtected,
  sigStructure,
} from '../../src/bundle/bundle.js';
import { type BundlePayload, encodeBundlePayload, payloadHash } from '../../src/bundle/payload.js';
import { fromHex, toHex } from '../../src/common/bytes.js';
import {
  type AsCredential,
  decodeAsCredential,
  encodeAsCredentialPayload,
} from '../../src/credential/as-credential.js';
import { fingerprintOf } from '../../src/credential/fingerprint-of.js';
import {
  decodeIntermediateAsCredential,
  encodeIntermediateAsCredentialPayload,
  type IntermediateAsCredential,
} from '../../src/credential/intermediate-as-credential.js';
import { attachSignature, selfSignatureContent, signatureContent } from '../../src/credential/self-signed.js';
import { derivePublicKey, generatePrivateKey, sign } from '../../src/crypto/private-key.js';
import { payloadOf } from '../../src/verify/bundle-trust.js';
import { DOMAIN, stream } from '../operations/support.js';
import { suite } from '../policy/support.js';
import type { HeldRoot } from './authority.js';
import { bundleFacts, DAY, rootFacts } from './facts.js';
import type { Bundle, Root } from './rules.js';

const SUITE = suite('ed25519-sha256');
const YEARS = 20 * 365 * DAY;

export const FORGERIES = [
  'own root alone',
  'own root added',
  'one root dropped',
  'own intermediate',
  'revocations dropped',
  'own commitment',
  'threshold of one',
  'lower sequence',
  'same sequence',
  'far ahead',
  'dated back',
  'impostor',
  'revoked and listed',
  'theft',
] as const;
export type Forgery = (typeof FORGERIES)[number];

export interface ForgedBundle {
  readonly what: Forgery;
  readonly facts: Bundle;
  readonly encoded: Uint8Array;
}

interface Pen {
  readonly credential: AsCredential;
  readonly sign: (content: Uint8Array) => Promise<Uint8Array>;
  /** Signs under somebody else's name. */
  readonly impostor?: boolean;
}

export class Adversary {
  readonly #secret = generatePrivateKey(SUITE.scheme, stream('adversary'));
  readonly root: AsCredential;
  readonly facts: Root;

  constructor(at: number) {
    const payload = encodeAsCredentialPayload({
      asDomain: DOMAIN,
      expirationData: { notBefore: at - DAY, notAfter: at + YEARS },
      ciphersuite: SUITE,
      publicKey: derivePublicKey(SUITE.scheme, this.#secret),
    });
    this.root = decodeAsCredential(attachSignature(payload, this.#sign(selfSignatureContent('AsCredential', payload))));
    this.facts = rootFacts(this.root);
  }

  #sign(content: Uint8Array): Uint8Array {
    return sign(SUITE.scheme, this.#secret, content);
  }

  /**
   * A bundle of its own making, against clients that hold `base`; signed by whatever was stolen, and by its own root
   * where that is listed.
   */
  async forge(
    what: Forgery,
    base: Uint8Array,
    stolen: readonly HeldRoot[],
    { at, roots }: { readonly at: number; readonly roots: readonly HeldRoot[] },
  ): Promise<ForgedBundle> {
    const { payload, payloadBytes } = decodeLast(base);
    const honest: BundlePayload = {
      ...payload,
      sequence: payload.sequence + 1,
      previous: payloadHash(payloadBytes),
      issuedAt: Math.max(at - 60, payload.issuedAt),
      expiresAt: Math.max(at - 60, payload.issuedAt) + 100 * DAY,
    };
    const forged = { ...honest, ...(await this.#change(what, honest, stolen, { at, roots })) };
    const pens: Pen[] = stolen.map(({ credential, stolen: key }) => ({
      credential,
      sign: (content) => key?.sign(content) ?? Promise.resolve(new Uint8Array(64)),
    }));
    if (what === 'impostor') {
      for (const credential of forged.asCredentials) {
        if (pens.every((pen) => pen.credential !== credential && !sameRoot(pen.credential, credential)))
          pens.push({ credential, sign: (content) => Promise.resolve(this.#sign(content)), impostor: true });
      }
    }
    if (pens.length === 0 || forged.asCredentials.includes(this.root))
      pens.push({ credential: this.root, sign: (content) => Promise.resolve(this.#sign(content)) });
    const encoded = await signed(forged, pens);
    const known = new Map<string, Root>([...roots, this.facts].map((root) => [root.name, root]));
    const impostors = new Set(
      pens.filter(({ impostor }) => impostor).map(({ credential }) => rootFacts(credential).name),
    );
    return { what, encoded, facts: bundleFacts(encoded, known, impostors) };
  }

  async #change(
    what: Forgery,
    { asCredentials, asIntermediateCredentials, sequence, issuedAt, revokedCerts }: BundlePayload,
    stolen: readonly HeldRoot[],
    { at, roots }: { readonly at: number; readonly roots: readonly HeldRoot[] },
  ): Promise<Partial<BundlePayload>> {
    switch (what) {
      case 'own root alone':
        return { asCredentials: [this.root], asIntermediateCredentials: [], threshold: 1, nextRoots: [] };
      case 'own root added':
        return { asCredentials: [...asCredentials, this.root] };
      case 'one root dropped': {
        const [kept] = asCredentials;
        if (kept === undefined) return {};
        const name = rootFacts(kept).name;
        return {
          asCredentials: [kept],
          asIntermediateCredentials: asIntermediateCredentials.filter(
            ({ payload }) => Buffer.from(payload.signerFingerprint).toString('hex') === name,
          ),
          threshold: 1,
        };
      }
      case 'own intermediate': {
        const made = await this.#intermediate(asCredentials, stolen, at);
        return made === undefined ? {} : { asIntermediateCredentials: [...asIntermediateCredentials, made] };
      }
      case 'revocations dropped':
        return { revokedCerts: revokedCerts.slice(1) };
      case 'own commitment':
        return { nextRoots: [fromHex(this.facts.key) ?? new Uint8Array()] };
      case 'threshold of one':
        return { threshold: 1 };
      case 'lower sequence':
        return sequence > 3 ? { sequence: sequence - 2 } : { sequence: 1, previous: null };
      case 'same sequence':
        return sequence > 2 ? { sequence: sequence - 1 } : { sequence: 1, previous: null };
      case 'far ahead':
        return { sequence: sequence + 1000 };
      case 'dated back':
        return { issuedAt: issuedAt - 200 * DAY, expiresAt: issuedAt + 10 * DAY, revokedCerts: [] };
      case 'impostor':
        return {};
      case 'theft': {
        // Nothing that the owner has is left but the listed roots; and about the highest number that there is.
        const made = await this.#intermediate(asCredentials, stolen, at);
        const gone = [
          ...roots
            .map(({ credential }) => credential)
            .filter((one) => !asCredentials.some((listed) => sameRoot(listed, one))),
          ...asIntermediateCredentials,
        ].map(fingerprintOf);
        const known = new Set(revokedCerts.map(({ fingerprint }) => toHex(fingerprint)));
        return {
          sequence: Math.max(sequence, at - 100),
          asIntermediateCredentials: made === undefined ? [] : [made],
          revokedCerts: [
            ...revokedCerts,
            ...gone
              .filter((fingerprint) => !known.has(toHex(fingerprint)))
              .map((fingerprint) => ({ fingerprint, revokedAt: issuedAt, reason: 'key-compromise' as const })),
          ],
        };
      }
      case 'revoked and listed':
        return {
          revokedCerts: asIntermediateCredentials
            .slice(0, 1)
            .map((one) => ({ fingerprint: fingerprintOf(one), revokedAt: issuedAt, reason: 'unspecified' as const })),
        };
    }
  }

  /** With the adversary's key in it, signed by a stolen root that the bundle lists. */
  async #intermediate(
    listed: readonly AsCredential[],
    stolen: readonly HeldRoot[],
    at: number,
  ): Promise<IntermediateAsCredential | undefined> {
    const root = stolen.find(
      ({ credential, to }) => to > at + 2 * DAY && listed.some((one) => sameRoot(one, credential)),
    );
    if (root?.stolen === undefined) return undefined;
    const payload = encodeIntermediateAsCredentialPayload({
      expirationData: { notBefore: Math.max(at - DAY, root.from), notAfter: root.to },
      ciphersuite: SUITE,
      publicKey: derivePublicKey(SUITE.scheme, this.#secret),
      signerFingerprint: fingerprintOf(root.credential),
    });
    const request = attachSignature(payload, this.#sign(selfSignatureContent('IntermediateAsCredential', payload)));
    const signature = await root.stolen.sign(signatureContent('IntermediateAsCredential', request));
    return decodeIntermediateAsCredential(attachSignature(request, signature));
  }
}

const sameRoot = (a: AsCredential, b: AsCredential): boolean => rootFacts(a).name === rootFacts(b).name;

function decodeLast(encoded: Uint8Array): { payload: BundlePayload; payloadBytes: Uint8Array } {
  const bundle = decodeBundle(encoded);
  return { payload: payloadOf(bundle), payloadBytes: bundle.payloadBytes };
}

async function signed(payload: BundlePayload, pens: readonly Pen[]): Promise<Uint8Array> {
  const payloadBytes = encodeBundlePayload(payload);
  const signatures = await Promise.all(
    pens.map(async ({ credential, sign: write }) => {
      const kid = fingerprintOf(credential);
      const content = sigStructure(signatureProtected(kid, SUITE.scheme), payloadBytes);
      return bundleSignature(kid, SUITE.scheme, await write(content));
    }),
  );
  return encodeBundle(payloadBytes, signatures);
}
