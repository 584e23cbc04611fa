import type { Code } from '../common/codes.js';
import type { Advice } from '../common/errors.js';
import type { Duration } from '../common/time.js';
import type { AsCredential } from '../credential/as-credential.js';
import type {
  IntermediateAsCredential,
  IntermediateAsCredentialRequest,
} from '../credential/intermediate-as-credential.js';
import type { VerificationEngine } from '../crypto/engine.js';

/** The key of a credential that is there already. */
export interface UsedKey {
  readonly scheme: string;
  readonly publicKey: Uint8Array;
  /** Whose it is, for people. */
  readonly holder: string;
  /** Hex. */
  readonly fingerprint: string;
  /** Of an AS root credential; undefined for an intermediate. */
  readonly asDomain: string | undefined;
}

/** What the rules measure by: the authority's settings and what it holds, and the time. */
export interface PolicyContext {
  /** The time that validities are measured by: of a planned ceremony, the start of its window. */
  readonly atSeconds: number;
  /** What the clock says. */
  readonly clockSeconds: number;
  /** Whether throw-away keys sign, for a domain that does not exist. */
  readonly rehearsal: boolean;
  /** The newest time on record in the authority, if there is any, and that of the build. */
  readonly newestSeconds: number | undefined;
  readonly buildSeconds: number;
  readonly domain: string;
  readonly maxima: { readonly root: Duration; readonly intermediate: Duration; readonly bundle: Duration };
  readonly allowedCiphersuites: readonly string[];
  readonly backdating: Duration;
  readonly requestAge: Duration;
  /** Keys of every credential that was ever issued or listed. */
  readonly usedKeys: readonly UsedKey[];
  /** Fingerprints (hex) that are revoked by bundles on record which this authority did not make. */
  readonly revokedByOthers: ReadonlySet<string>;
  /** Fingerprints (hex) that this authority has revoked of its own. */
  readonly revokedByUs: ReadonlySet<string>;
  /** Commitments (hex) to keys that may change the roots, as the newest bundle has them (`next_roots`). */
  readonly committed: ReadonlySet<string>;
  /** Credentials that were issued from a request; `selfSignedBytes` is that request. */
  readonly issued: readonly { readonly selfSignedBytes: Uint8Array; readonly holder: string }[];
  /**
   * When the record began again with a bundle, where it did: what was issued and revoked before that is not all on
   * record.
   */
  readonly rebuiltSeconds: number | undefined;
  /** Revoked fingerprints (hex). */
  readonly revoked: ReadonlySet<string>;
  readonly engines: readonly VerificationEngine[];
}

/** What a successor takes over from. Times are Unix seconds. */
export interface Predecessor {
  /** For people: its file. */
  readonly name: string;
  readonly notAfter: number;
  /** The last second at which it can sign a child of full length. */
  readonly issuingDeadline: number;
}

/** A new AS root credential, about to be signed by the key in it. */
export interface RootProposal {
  readonly act: 'self-sign-root';
  /** Decoded from the very bytes that are to be signed; its signature is a stand-in by a throw-away key. */
  readonly candidate: AsCredential;
  /** Where it is to succeed one. */
  readonly predecessor?: Predecessor;
  /**
   * Whether a committed key signs for itself once more, because a bundle that is not this authority's has revoked its
   * first credential.
   */
  readonly again?: boolean;
}

/** A new request, about to be signed by the key in it. */
export interface RequestProposal {
  readonly act: 'self-sign-request';
  /** As for a root: the self signature is a stand-in. */
  readonly candidate: IntermediateAsCredentialRequest;
  readonly signer: AsCredential;
  readonly predecessor?: Predecessor;
}

/** A request that a root is about to sign. */
export interface IssueProposal {
  readonly act: 'issue-intermediate';
  readonly request: IntermediateAsCredentialRequest;
  /** Decoded from the dry run; its outer signature is a stand-in by a throw-away key. */
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
   * Roots that it lists no more, and that sign for clients which trust nobody else yet: they cover its time, and may be
   * revoked.
   */
  readonly departing: readonly AsCredential[];
}

export type CredentialProposal = RootProposal | RequestProposal | IssueProposal;
export type Proposal = CredentialProposal | BundleProposal;

/** A reason against a proposal. */
export interface Objection extends Advice {
  /** A code of the wire format where it has one for this; `policy` where it isn't given. */
  readonly code?: Code;
  readonly message: string;
}

/** One rule of policy. It lists objections; it never decides by itself what happens then. */
export interface Rule {
  /** Stable: it stands in errors, transcripts and audits. */
  readonly id: string;
  /** Where the rule comes from. */
  readonly source: string;
  /** Why it is there, in a sentence. */
  readonly reason: string;
  readonly objections: (proposal: Proposal, context: PolicyContext) => Iterable<Objection>;
}
