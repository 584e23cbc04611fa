/** The only place that signs credentials, with signers that lie. */
import { describe, expect, test } from '@jest/globals';
import { toHex } from '../../../src/common/bytes.js';
import { CeremonyError } from '../../../src/common/errors.js';
import { selfSignatureContent, signatureContent } from '../../../src/credential/self-signed.js';
import type { CredentialCiphersuite } from '../../../src/crypto/ciphersuite.js';
import type { VerificationEngine } from '../../../src/crypto/engine.js';
import { hash } from '../../../src/crypto/hash.js';
import { derivePublicKey, sign } from '../../../src/crypto/private-key.js';
import type { Planned } from '../../../src/operations/context/operation-context.js';
import { signIntermediate, signRequest, signRoot } from '../../../src/operations/signing/sign-credential.js';
import { checkPolicy } from '../../../src/policy/all-rules.js';
import type { Signer } from '../../../src/signer/signer.js';
import {
  CONTEXT,
  issueProposal,
  makeRoot,
  privateKeyOf,
  requestProposal,
  rootProposal,
  suite,
} from '../../policy/support.js';

const SUITES = ['ed25519-sha256', 'ed448-sha512', 'p256-sha256', 'p384-sha384', 'p521-sha512'];

type Twist = (honest: Uint8Array, signAgain: (message: Uint8Array) => Uint8Array, message: Uint8Array) => Uint8Array;

/** A signer of the key with this seed, its signatures twisted, and what it was asked to sign. */
function signer(ciphersuite: CredentialCiphersuite, seed: number, twist: Twist = (honest) => honest) {
  const { scheme } = ciphersuite;
  const privateKey = privateKeyOf(ciphersuite, seed);
  const signed: Uint8Array[] = [];
  const one: Signer = {
    uri: 'file:keys/it.age',
    scheme,
    publicKey: derivePublicKey(scheme, privateKey),
    sign: (message) => {
      signed.push(message);
      return Promise.resolve(
        twist(sign(scheme, privateKey, message), (other) => sign(scheme, privateKey, other), message),
      );
    },
    close: () => Promise.resolve(),
  };
  return { one, signed };
}

const planned = (engines: readonly VerificationEngine[]) => ({ engines }) as Planned<{ engines: typeof engines }>;

/** Each act of signing: what makes it, whose key signs (seed), and what has to be signed. */
function acts(name: string) {
  const ciphersuite = suite(name);
  const root = checkPolicy(rootProposal({ ciphersuite: name }), CONTEXT);
  const request = checkPolicy(requestProposal({ ciphersuite: name }), CONTEXT);
  const issue = checkPolicy(issueProposal({}, makeRoot({ ciphersuite: name })), CONTEXT);
  return [
    {
      act: 'root',
      seed: 1,
      bad: 'bad-self-signature',
      content: selfSignatureContent('AsCredential', root.candidate.payloadBytes),
      run: (by: Signer, engines = CONTEXT.engines) => signRoot(root, by, planned(engines)),
    },
    {
      act: 'request',
      seed: 2,
      bad: 'bad-self-signature',
      content: selfSignatureContent('IntermediateAsCredential', request.candidate.payloadBytes),
      run: (by: Signer, engines = CONTEXT.engines) => signRequest(request, by, planned(engines)),
    },
    {
      act: 'intermediate',
      seed: 1,
      bad: 'bad-signature',
      content: signatureContent('IntermediateAsCredential', issue.request.encoded),
      run: (by: Signer, engines = CONTEXT.engines) => signIntermediate(issue, by, planned(engines)),
    },
  ].map((one) => ({ ...one, ciphersuite }));
}

async function codeOf(action: Promise<unknown>): Promise<string> {
  try {
    await action;
    return 'valid';
  } catch (error) {
    if (!(error instanceof CeremonyError)) throw error;
    return error.code;
  }
}

describe.each(SUITES)('%s', (name) => {
  test.each(acts(name).map((one) => [one.act, one] as const))(
    '%s',
    async (_act, { seed, bad, content, run, ciphersuite }) => {
      const honest = signer(ciphersuite, seed);
      const { credential, signature } = await run(honest.one);
      expect(honest.signed.map(toHex)).toEqual([toHex(content)]);
      expect(signature).toEqual({
        publicKeySha256: toHex(hash('sha256', honest.one.publicKey)),
        signedSha256: toHex(hash('sha256', content)),
      });
      expect(toHex(credential.encoded).length).toBeGreaterThan(200);

      const outcome = (twist: Twist): Promise<string> => codeOf(run(signer(ciphersuite, seed, twist).one));
      expect(await outcome((_honest, again, message) => again(message.slice(1)))).toBe(bad);
      expect(await outcome((made) => made.map((byte, i) => (i === 20 ? byte ^ 1 : byte)))).toBe(bad);
      expect(await outcome((made) => made.slice(0, -1))).toBe('bad-signature-encoding');
      expect(await outcome((made) => Uint8Array.from([...made, 0]))).toBe('bad-signature-encoding');
      expect(await outcome(() => new Uint8Array())).toBe('bad-signature-encoding');

      const stranger = signer(ciphersuite, 9);
      expect(await codeOf(run(stranger.one))).toBe('key-mismatch');
      expect(stranger.signed).toEqual([]);
      // It says that it holds the right key, and signs with another.
      const pretender = { ...stranger.one, publicKey: honest.one.publicKey };
      expect(await codeOf(run(pretender))).toBe(bad);

      const no = { name: 'no', verify: () => false };
      expect(await codeOf(run(honest.one, [...CONTEXT.engines, no]))).toBe('engines-disagree');
    },
  );
});

test('a signer that fails is heard', async () => {
  const [act] = acts('ed25519-sha256');
  if (act === undefined) throw new TypeError('no act');
  const { one } = signer(act.ciphersuite, act.seed);
  const failing = { ...one, sign: () => Promise.reject(new RangeError('out of order')) };
  await expect(act.run(failing)).rejects.toThrow('out of order');
});

describe('what is signed is what was checked, to the byte', () => {
  /**
   * A candidate that says something else when it is asked the second time, between the signature and its being
   * attached.
   */
  function changing<C extends { readonly payloadBytes: Uint8Array }>(candidate: C, other: Uint8Array): C {
    let asked = 0;
    const bytes = { get: () => (++asked === 2 ? other : candidate.payloadBytes), enumerable: true };
    return Object.defineProperty({ ...candidate }, 'payloadBytes', bytes);
  }

  test('root', async () => {
    const { ciphersuite } = acts('ed25519-sha256')[0] ?? { ciphersuite: suite('ed25519-sha256') };
    const root = checkPolicy(rootProposal(), CONTEXT);
    const other = checkPolicy(rootProposal({ seed: 3 }), CONTEXT);
    const twisted = { ...root, candidate: changing(root.candidate, other.candidate.payloadBytes) };
    expect(await codeOf(signRoot(twisted, signer(ciphersuite, 1).one, planned(CONTEXT.engines)))).toBe(
      'signed-bytes-differ',
    );
  });

  test('request', async () => {
    const ciphersuite = suite('ed25519-sha256');
    const request = checkPolicy(requestProposal(), CONTEXT);
    const other = checkPolicy(requestProposal({ seed: 3 }), CONTEXT);
    const twisted = { ...request, candidate: changing(request.candidate, other.candidate.payloadBytes) };
    expect(await codeOf(signRequest(twisted, signer(ciphersuite, 2).one, planned(CONTEXT.engines)))).toBe(
      'signed-bytes-differ',
    );
  });

  test('intermediate', async () => {
    const issue = checkPolicy(issueProposal(), CONTEXT);
    const other = checkPolicy(issueProposal({ seed: 3 }), CONTEXT);
    const twisted = { ...issue, request: other.request };
    const by = signer(suite('ed25519-sha256'), 1).one;
    expect(await codeOf(signIntermediate(twisted, by, planned(CONTEXT.engines)))).toBe('signed-bytes-differ');
  });
});
