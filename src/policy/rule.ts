import type { Code } from '../common/codes.js';
import type { Advice } from '../common/errors.js';
import type { Duration } from '../common/time.js';
import type { AsCredential } from '../credential/as-credential.js';
import type {
  IntermediateAsCredential,
  IntermediateAsCredentialRequest,
} from '../credential/intermediate-as-credential.js';
import type { VerificationEngine } from '../crypto/engine.js';

/** The key of an existing credential. */
export interface UsedKey {
  readonly scheme: string;
  readonly publicKey: Uint8Array;
  /** Who has it, for people. */
  readonly holder: string;
  /** In hex. */
  readonly fingerprint: string;
  /** The domain of an AS root credential; undefined for an intermediate. */
  readonly asDomain: string | undefined;
}

/** What the rules judge by: the authority's settings, what it holds, and the time. */
/** A key that no new credential gets. */
type EndedKey = Pick<UsedKey, 'scheme' | 'publicKey' | 'holder'>;

export interface PolicyContext {
  /** The time by which validities are judged; in a planned ceremony, the start of its window. */
  readonly atSeconds: number;
  /** The time on the clock. */
  readonly clockSeconds: number;
  /** Whether throw-away keys sign, for a domain that does not exist. */
  readonly rehearsal: boolean;
  /** The newest time on record in the authority, if there is one, and the time of the build. */
  readonly newestSeconds: number | undefined;
  readonly buildSeconds: number;
  readonly domain: string;
  readonly maxima: { readonly root: Duration; readonly intermediate: Duration; readonly bundle: Duration };
  readonly allowedCiphersuites: readonly string[];
  readonly backdating: Duration;
  readonly requestAge: Duration;
  /** The keys of every credential that was ever issued or listed, also by somebody else with a stolen root. */
  readonly usedKeys: readonly UsedKey[];
  /** Fingerprints (hex) that are revoked by bundles on record which this authority did not make. */
  readonly revokedByOthers: ReadonlySet<string>;
  /** Fingerprints (hex) that this authority itself has revoked. */
  readonly revokedByUs: ReadonlySet<string>;
  /** Commitments (hex) to keys that may change the roots, from the newest bundle's `next_roots`. */
  readonly committed: ReadonlySet<string>;
  /** Credentials that were issued from a request; `selfSignedBytes` is that request. */
  readonly issued: readonly { readonly selfSignedBytes: Uint8Array; readonly holder: string }[];
  /**
   * When the record began again with a bundle, if it did. What was issued and revoked before that is not all on record.
   */
  readonly rebuiltSeconds: number | undefined;
  /** Revoked fingerprints (hex). */
  readonly revoked: ReadonlySet<string>;
  /** Keys on record here whose destruction was begun or is done; a copy of one may be left with somebody. */
  readonly endedKeys: readonly EndedKey[];
  /** Fingerprints (hex) of roots that a bundle listed, and that no bundle will list again. */
  readonly retired: ReadonlySet<string>;
  readonly engines: readonly VerificationEngine[];
}

/** The credential that a successor replaces. Times are Unix seconds. */
export interface Predecessor {
  /** Its file, for people. */
  readonly name: string;
  readonly notAfter: number;
  /** The last second at which it can sign a child of full length. */
  readonly issuingDeadline: number;
}

/** A new AS root credential, about to be signed by its own key. */
export interface RootProposal {
  readonly act: 'self-sign-root';
  /** Decoded from the very bytes that are to be signed. Its signature is a stand-in by a throw-away key. */
  readonly candidate: AsCredential;
  /** The root that it is to succeed, if any. */
  readonly predecessor?: Predecessor;
  /**
   * Whether a committed key signs for itself once more, because a bundle that is not this authority's has revoked its
   * first credential.
   */
  readonly again?: boolean;
}

/** A new request, about to be signed by its own key. */
export interface RequestProposal {
  readonly act: 'self-sign-request';
  /** As for a root, its self signature is a stand-in. */
  readonly candidate: IntermediateAsCredentialRequest;
  readonly signer: AsCredential;
  readonly predecessor?: Predecessor;
}

/** A request that a root is about to sign. */
export interface IssueProposal {
  readonly act: 'issue-intermediate';
  readonly request: IntermediateAsCredentialRequest;
  /** Decoded from the dry run. Its outer signature is a stand-in by a throw-away key. */
  readonly candidate: IntermediateAsCredential;
  readonly signer: AsCredential;
  readonly predecessor?: Predecessor;
}

/** A bundle that roots are about to sign. */
export interface BundleProposal {
  readonly act: 'sign-bundle';
  readonly payloadBytes: Uint8Array;
  readonly asDomain: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** The roots that it lists, all of which sign. */
  readonly signers: readonly AsCredential[];
  /**
   * Roots that it no longer lists, but that sign for clients which trust nobody else yet. They must be valid at its
   * time, but may be revoked.
   */
  readonly departing: readonly AsCredential[];
}

export type CredentialProposal = RootProposal | RequestProposal | IssueProposal;
export type Proposal = CredentialProposal | BundleProposal;

/** A reason against a proposal. */
export interface Objection extends Advice {
  /** A code of the wire format if one applies; `policy` if it is not given. */
  readonly code?: Code;
  readonly message: string;
}

/** One rule of policy. It lists objections, and does not decide what follows from them. */
export interface Rule {
  /** A stable ID, which errors, transcripts and audits use. */
  readonly id: string;
  /** Where the rule comes from. */
  readonly source: string;
  /** Why the rule exists, in a sentence. */
  readonly reason: string;
  readonly objections: (proposal: Proposal, context: PolicyContext) => Iterable<Objection>;
}
