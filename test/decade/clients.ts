/** Clients: each with the last bundle that it took. The library decides, and must decide as the model does. */
import { decodedOf } from '../../src/bundle/listed-credential.js';
import { toHex } from '../../src/common/bytes.js';
import { encodeClientCredentialPayload } from '../../src/credential/client-credential.js';
import { fingerprintOf } from '../../src/credential/fingerprint-of.js';
import { attachSignature, selfSignatureContent, signatureContent } from '../../src/credential/self-signed.js';
import { derivePublicKey, generatePrivateKey, sign } from '../../src/crypto/private-key.js';
import {
  acceptBundle,
  type AnyCredential,
  CeremonyError,
  type ClientCredential,
  decodeBundle,
  decodeClientCredential,
  type HeldTrust,
  verifyChain,
} from '../../src/index.js';
import type { Signer } from '../../src/signer/signer.js';
import { DOMAIN, stream } from '../operations/support.js';
import { suite } from '../policy/support.js';
import { expectEqual, type HeldIntermediate, type HeldRoot, LIFETIMES } from './authority.js';
import { CLIENT_ENGINES, DAY } from './facts.js';
import { type Bundle, type ChainLink, chainVerdict, type Root, stepsTo } from './rules.js';

export interface Offered {
  readonly facts: Bundle;
  readonly encoded: Uint8Array;
}

/**
 * How a client goes about it: looks every time, once its bundle is over, or almost never; or is shown what an adversary
 * likes.
 */
export type Habit = 'diligent' | 'lazy' | 'sleeper' | 'eclipsed';

export interface SimulatedClient {
  readonly name: string;
  readonly habit: Habit;
  pins: readonly HeldRoot[];
  last: Offered | undefined;
  /** It follows a forged bundle: its roots were stolen, and nothing stood in the way. */
  fooled: boolean;
}

const verdictOf = (action: () => unknown): string => {
  try {
    action();
    return 'valid';
  } catch (error) {
    if (!(error instanceof CeremonyError)) throw error;
    return error.code;
  }
};

/** The verdict on an offered bundle, by the library and by the model, which must be one. */
export function verdict(
  client: SimulatedClient,
  offered: Offered,
  {
    at,
    known,
    via = [],
  }: { readonly at: number; readonly known: readonly HeldRoot[]; readonly via?: readonly Offered[] },
): string {
  const held: HeldTrust =
    client.last === undefined
      ? { pins: client.pins.map(({ credential }) => fingerprintOf(credential)) }
      : { last: client.last.encoded };
  const saw = verdictOf(() =>
    acceptBundle({
      bundle: offered.encoded,
      held,
      via: via.map(({ encoded }) => encoded),
      known: known.map(({ credential }) => credential),
      expectedDomain: DOMAIN,
      atSeconds: at,
      engines: CLIENT_ENGINES,
    }),
  );
  const model = {
    last: client.last?.facts,
    pins: new Set(client.pins.map(({ name }) => name)),
    files: new Set(known.map(({ name }) => name)),
  };
  const wanted = stepsTo(
    model,
    via.map(({ facts }) => facts),
    offered.facts,
    at,
  );
  expectEqual(`${client.name}, offered bundle ${String(offered.facts.sequence)}`, saw, wanted);
  return saw;
}

/** A client credential of full length (or up to the intermediate's end), and what the model knows of its chain. */
export interface IssuedClient {
  readonly credential: ClientCredential;
  readonly intermediate: HeldIntermediate;
  readonly root: HeldRoot;
  readonly from: number;
  readonly to: number;
  /** Whoever has its key signs leaves with it. */
  stolen: boolean;
}

const SUITE = suite('ed25519-sha256');
const SECRET = generatePrivateKey(SUITE.scheme, stream('client'));

/** As the AS signs it: from now, for 90 days. */
export async function issueClient(
  intermediate: HeldIntermediate,
  root: HeldRoot,
  key: Signer,
  at: number,
): Promise<IssuedClient> {
  const [from, to] = [at, at + LIFETIMES.client * DAY - 1];
  const payload = encodeClientCredentialPayload({
    clientId: { userName: { asDomain: DOMAIN, userName: 'alice' }, clientUuid: new Uint8Array(16).fill(7) },
    expirationData: { notBefore: from, notAfter: to },
    ciphersuite: SUITE,
    publicKey: derivePublicKey(SUITE.scheme, SECRET),
    signerFingerprint: fingerprintOf(intermediate.credential),
  });
  const request = attachSignature(
    payload,
    sign(SUITE.scheme, SECRET, selfSignatureContent('ClientCredential', payload)),
  );
  const signature = await key.sign(signatureContent('ClientCredential', request));
  return {
    credential: decodeClientCredential(attachSignature(request, signature)),
    intermediate,
    root,
    from,
    to,
    stolen: false,
  };
}

/** With the key that all of them have. */
export function signAsClient(content: Uint8Array): Promise<Uint8Array> {
  return Promise.resolve(sign(SUITE.scheme, SECRET, content));
}

export function rootLink({ name, from, to }: Root): ChainLink {
  return { kind: 'root', name, from, to, domain: DOMAIN };
}

export function clientLinks({ credential, intermediate, root, from, to }: IssuedClient): readonly ChainLink[] {
  return [
    rootLink(root),
    { kind: 'intermediate', name: intermediate.name, from: intermediate.from, to: intermediate.to },
    { kind: 'client', name: toHex(fingerprintOf(credential)), from, to, domain: DOMAIN },
  ];
}

/**
 * A chain by its lowest credential; what is above it and in no folder of the authority; and what the model knows of it.
 */
export interface OfferedChain {
  readonly what: string;
  readonly subject: AnyCredential;
  readonly above: readonly AnyCredential[];
  readonly links: readonly ChainLink[];
}

export function honestChain(issued: IssuedClient): OfferedChain {
  const what = `a client credential below ${issued.intermediate.file}`;
  return { what, subject: issued.credential, above: [], links: clientLinks(issued) };
}

/** Beyond its bundle's time a client takes no chain at all. */
export function isInForce({ last }: SimulatedClient, at: number): boolean {
  return last !== undefined && last.facts.issuedAt <= at && at <= last.facts.expiresAt;
}

/** A client's verdicts on chains, by the library and by the model, which must be one. */
export function chainVerdicts(
  client: SimulatedClient,
  offered: readonly OfferedChain[],
  { at, atHand }: { readonly at: number; readonly atHand: readonly (HeldRoot | HeldIntermediate)[] },
): readonly string[] {
  const { last } = client;
  if (last === undefined) return [];
  const { payload } = decodeBundle(last.encoded);
  const printsOf = (listed: readonly { readonly fingerprint: Uint8Array }[]): ReadonlySet<string> =>
    new Set(listed.map(({ fingerprint }) => toHex(fingerprint)));
  const question = {
    trusted: printsOf(decodedOf(payload.asCredentials)),
    published: printsOf(decodedOf(payload.asIntermediateCredentials)),
    revoked: printsOf(payload.revokedCerts),
    atSeconds: at,
    engines: CLIENT_ENGINES,
  };
  const files = atHand.map(({ credential }) => credential);
  return offered.map(({ what, subject, above, links }) => {
    const saw = verdictOf(() => verifyChain({ ...question, subject, atHand: [...files, ...above] }));
    expectEqual(`${client.name}, ${what}`, saw, chainVerdict(last.facts, links, at));
    return saw;
  });
}
