/**
 * Verifies a credential's chain up to a trusted AS credential, as in "What a verifier checks, and in which order" of
 * the wire format.
 */
import { toHex } from '../common/bytes.js';
import { wrongInput } from '../common/door.js';
import { CeremonyError, refused } from '../common/errors.js';
import { sealed } from '../common/sealed.js';
import { formatTime } from '../common/time.js';
import type { AsCredential } from '../credential/as-credential.js';
import { checkNesting, checkSelfSignature, checkSignature, type CredentialWithSigner } from '../credential/checks.js';
import { fingerprintOf } from '../credential/fingerprint-of.js';
import { type AnyCredential, KINDS } from '../credential/kinds.js';
import { type ChainQuestion, chainQuestionIn } from './inputs.js';

export type { ChainQuestion } from './inputs.js';

export interface Link {
  readonly credential: AnyCredential;
  /** In hex. */
  readonly fingerprint: string;
}

declare const verified: unique symbol;
/**
 * The links of a chain that passed every check, from the AS credential down. Only `verifyChain` makes one. It is
 * frozen, and recognised at run time too.
 */
export type VerifiedChain = readonly Link[] & { readonly [verified]: true };

const verifiedChains = new WeakSet();

/** Refuses a chain that `verifyChain` did not make. Error: `usage`. */
export function checkVerified(chain: VerifiedChain): void {
  if (!verifiedChains.has(chain)) throw wrongInput('the chain', 'was not returned by verifyChain');
}

/**
 * The chain from the top down, as far as its signers are available, and what is wrong with it, in the order of the
 * checks.
 */
export interface ExaminedChain {
  readonly links: readonly Link[];
  readonly faults: Iterable<CeremonyError>;
}

/** Verifies a chain, and throws the first fault (a code of the wire format), or `usage` for bad arguments. */
export function verifyChain(question: ChainQuestion): VerifiedChain {
  const { links, faults } = examineChain(question);
  for (const fault of faults) throw fault;
  verifiedChains.add(links);
  return links as VerifiedChain;
}

/** Returns the chain and its faults, which are computed only as far as they are read. */
export function examineChain(given: ChainQuestion): ExaminedChain {
  const question = chainQuestionIn(given);
  const links = sealed(climb(question));
  return sealed({ links, faults: { [Symbol.iterator]: () => faultsOf(links, question) } });
}

function climb({ subject, atHand }: ChainQuestion): readonly Link[] {
  const byName = new Map<string, Link>();
  for (const credential of atHand) {
    const fingerprint = toHex(fingerprintOf(credential));
    byName.set(`${credential.kind}:${fingerprint}`, { credential, fingerprint });
  }
  const links: Link[] = [];
  let link: Link | undefined = { credential: subject, fingerprint: toHex(fingerprintOf(subject)) };
  while (link !== undefined) {
    links.unshift(link);
    link = byName.get(signerName(link.credential));
  }
  return links;
}

/**
 * Returns the kind and fingerprint of the signer that a credential names. For an AS credential it returns a name that
 * nothing has.
 */
function signerName(credential: AnyCredential): string {
  if (credential.kind === 'as_credential') return '';
  return `${KINDS[credential.kind].signerKind ?? ''}:${toHex(credential.payload.signerFingerprint)}`;
}

function* faultsOf(links: readonly Link[], question: ChainQuestion): Iterator<CeremonyError, undefined> {
  const { engines, trusted, published, revoked, atSeconds } = question;
  const top = links[0]?.credential;
  if (top !== undefined && top.kind !== 'as_credential') yield unknownSigner(top);
  for (const { credential } of links)
    yield* faultOf(() => {
      checkSelfSignature(credential, engines);
    });
  for (const [child, signer] of pairs(links))
    yield* faultOf(() => {
      checkSignature(child, signer, engines);
    });
  for (const [child, signer] of pairs(links))
    yield* faultOf(() => {
      checkNesting(child, signer);
    });
  for (const { credential, fingerprint } of links) {
    if (revoked.has(fingerprint)) yield refused('revoked', `the ${name(credential)} ${fingerprint} is revoked`);
  }
  for (const { credential } of links) {
    const { notBefore, notAfter } = credential.payload.expirationData;
    if (atSeconds < notBefore)
      yield timeFault('not-yet-valid', credential, `is not valid before ${formatTime(notBefore)}`, atSeconds);
    if (atSeconds > notAfter)
      yield timeFault('expired', credential, `was valid until ${formatTime(notAfter)}`, atSeconds);
  }
  for (const { credential, fingerprint } of links) {
    const { kind } = credential;
    if (kind === 'as_credential' && !trusted.has(fingerprint)) {
      yield refused('untrusted', `the ${name(credential)} ${fingerprint} is not trusted`, {
        hint: 'If you know from another source that it is the right one, name its whole fingerprint.',
        remedies: [{ option: 'trust', value: fingerprint }],
      });
    }
    if (kind === 'intermediate_as_credential' && published !== 'any' && !published.has(fingerprint)) {
      yield refused('untrusted', `the ${name(credential)} ${fingerprint} is not in the published bundle`, {
        hint: 'Clients do not accept it yet: get the current bundle, or have one published that lists it.',
      });
    }
  }
  const client = links.find(({ credential }) => credential.kind === 'client_credential')?.credential;
  if (client?.kind === 'client_credential' && top?.kind === 'as_credential')
    yield* domainFault(client.payload.clientId.userName.asDomain, top);
}

function* faultOf(check: () => void): Iterable<CeremonyError> {
  try {
    check();
  } catch (error) {
    if (!(error instanceof CeremonyError)) throw error;
    yield error;
  }
}

/** Yields each credential below the top with the one above it. */
function* pairs(links: readonly Link[]): Iterable<[CredentialWithSigner, AnyCredential]> {
  let signer: AnyCredential | undefined;
  for (const { credential } of links) {
    if (signer !== undefined && credential.kind !== 'as_credential') yield [credential, signer];
    signer = credential;
  }
}

function unknownSigner(top: CredentialWithSigner): CeremonyError {
  const wanted = KINDS[KINDS[top.kind].signerKind ?? top.kind].title;
  const fingerprint = toHex(top.payload.signerFingerprint);
  return refused('unknown-signer', `the ${name(top)} names a signer that is not at hand: ${wanted} ${fingerprint}`, {
    hint: 'Give it too, or a bundle that lists it.',
    remedies: [{ option: 'with' }, { option: 'trust' }, { option: 'bundle' }],
  });
}

function* domainFault(asDomain: string, root: AsCredential): Iterable<CeremonyError> {
  if (asDomain !== root.payload.asDomain) {
    yield refused(
      'domain-mismatch',
      `the client belongs to ${asDomain}, and the AS credential to ${root.payload.asDomain}`,
    );
  }
}

function timeFault(
  code: 'not-yet-valid' | 'expired',
  credential: AnyCredential,
  what: string,
  atSeconds: number,
): CeremonyError {
  return refused(code, `the ${name(credential)} ${what}; the time checked is ${formatTime(atSeconds)}`);
}

const name = (credential: AnyCredential): string => KINDS[credential.kind].title;
