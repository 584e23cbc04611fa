import { toHex } from '../common/bytes.js';
import { refused } from '../common/errors.js';
import { formatTime, validityOf, type Duration } from '../common/time.js';
import type { HeldCredential } from '../authority/authority.js';
import { applyChange, type ChangeEvent } from '../authority/store.js';
import {
  bundleSignature,
  decodeBundle,
  encodeBundle,
  signatureProtected,
  sigStructure,
  type BundleSignature,
} from '../bundle/bundle.js';
import { encodeBundlePayload, payloadHash, type BundlePayload } from '../bundle/payload.js';
import type { AsCredential } from '../credential/as-credential.js';
import type { IntermediateAsCredential } from '../credential/intermediate-as-credential.js';
import { fingerprintOf } from '../credential/fingerprint.js';
import { hash } from '../crypto/hash.js';
import { checkPolicy, type Checked } from '../policy/index.js';
import type { BundleProposal } from '../policy/rule.js';
import { acceptBundle, type AcceptedBundle } from '../verify/bundle.js';
import { checkContents } from '../verify/bundle-contents.js';
import { policyContext, revokedHere, type Desk } from './desk.js';
import { openKeyOf, signingKeyRows } from './keys.js';
import { keyUsed } from './ready-key.js';
import { revocationsOf, verifiedLastBundle, type LastBundle } from './last-bundle.js';
import { checkRoots, newestRoot, usableRoots } from './roots.js';
import { trialSignature } from './trial.js';

export interface BundleWish {
  /** The policy's where it isn't given. */
  readonly lifetime?: Duration;
}

export interface ExportedBundle {
  readonly bundle: AcceptedBundle;
  /** Relative to the authority. */
  readonly file: string;
  /** Hex. */
  readonly signers: readonly string[];
}

/**
 * Signs the next bundle with every usable root, and accepts it as clients will before it is kept.
 * Errors: `no-root`, `policy` and the codes of both formats, and those of the keys.
 */
export async function exportBundle(desk: Desk, wish: BundleWish): Promise<ExportedBundle> {
  const { authority, atSeconds } = desk;
  checkRoots(authority, desk.engines);
  const last = verifiedLastBundle(authority, desk.engines);
  newestRoot(authority, atSeconds);
  const signers = usableRoots(authority, atSeconds);
  const payload = nextPayload(desk, wish, last);
  const file = `bundles/bundle-${String(payload.sequence).padStart(6, '0')}.cose`;
  const proposal = propose(desk, payload, signers);
  if (last !== undefined) checkFollows(payload, last);
  // The whole bundle once with throw-away keys: form, size and every credential in it are right before any key is opened.
  const trial = encodeBundle(
    proposal.payloadBytes,
    signers.map(({ credential }) => standInFor(desk, credential, proposal.payloadBytes)),
  );
  checkContents(decodeBundle(trial), desk.engines);
  await desk.confirm({
    title: `Bundle ${String(payload.sequence)} of ${payload.asDomain}`,
    rows: [
      [
        'sequence',
        `${String(payload.sequence)}${last === undefined ? ' (the first)' : `, after ${String(last.payload.sequence)}`}`,
      ],
      ['issued at', formatTime(payload.issuedAt)],
      ['expires at', formatTime(payload.expiresAt)],
      ...payload.asCredentials.map((root) => ['root', toHex(fingerprintOf(root))] as const),
      ...payload.asIntermediateCredentials.map((one) => ['intermediate', toHex(fingerprintOf(one))] as const),
      ...payload.revokedCerts.map(
        ({ fingerprint, reason }) => ['revoked', `${toHex(fingerprint)} (${reason})`] as const,
      ),
      ['roots that must sign the next', String(payload.threshold)],
      ...payload.nextRoots.map((commitment) => ['commitment to the next root', toHex(commitment)] as const),
      ['previous bundle', payload.previous === null ? 'none' : toHex(payload.previous)],
      ...signers.map(({ fingerprint }) => ['signed by', fingerprint] as const),
      ...signers.flatMap(({ credential }) => signingKeyRows(authority, credential.payload.publicKey)),
    ],
    changes: [`${file} is written`],
    warnings: warningsFor(payload),
  });

  const signatures: BundleSignature[] = [];
  const events: ChangeEvent[] = [];
  for (const { credential, fingerprint, file: rootFile } of signers) {
    const content = contentFor(credential, proposal.payloadBytes);
    const { signature, used } = await signOne(desk, credential, rootFile, content);
    signatures.push(signature);
    const signedSha256 = toHex(hash('sha256', content));
    events.push(...used, { event: 'sign', fields: { what: 'bundle', kid: fingerprint, signed_sha256: signedSha256 } });
  }
  const bytes = encodeBundle(proposal.payloadBytes, signatures);
  const bundle = acceptAsClients(desk, bytes, payload, signers, last);
  applyChange(authority, {
    operation: 'bundle export',
    files: [{ path: file, bytes }],
    events,
    atSeconds,
    writer: desk.writer,
  });
  return { bundle, file, signers: signers.map(({ fingerprint }) => fingerprint) };
}

function nextPayload({ authority, atSeconds }: Desk, wish: BundleWish, last: LastBundle | undefined): BundlePayload {
  const { settings } = authority;
  const isRevoked = revokedHere(authority);
  const lives = ({ credential }: { readonly credential: AsCredential | IntermediateAsCredential }): boolean =>
    !isRevoked(credential) && credential.payload.expirationData.notAfter >= atSeconds;
  const roots = authority.roots.filter(lives);
  const listed = new Set(roots.map(({ fingerprint }) => fingerprint));
  const intermediates = authority.intermediates.filter(
    (one) => lives(one) && listed.has(toHex(one.credential.payload.signerFingerprint)),
  );
  return {
    asDomain: settings.domain,
    sequence: (last?.payload.sequence ?? 0) + 1,
    previous: last === undefined ? null : payloadHash(last.payloadBytes),
    issuedAt: atSeconds,
    expiresAt: validityOf(atSeconds, wish.lifetime ?? settings.lifetimes.bundle),
    asCredentials: roots.map(({ credential }) => credential),
    asIntermediateCredentials: intermediates.map(({ credential }) => credential),
    revokedCerts: revocationsOf(authority, atSeconds),
    threshold: last?.payload.threshold ?? 1,
    nextRoots: last?.payload.nextRoots ?? [],
  };
}

/** Clients take no bundle that is dated before the last one: said before a key is opened, not after. Error: `broken-history`. */
function checkFollows({ issuedAt }: BundlePayload, last: LastBundle): void {
  if (issuedAt >= last.payload.issuedAt) return;
  const then = formatTime(last.payload.issuedAt);
  throw refused(
    'broken-history',
    `the last bundle was issued at ${then}, and clients take none that is dated before it`,
    {
      hint: `Check the clock; if it is right, wait until ${then}, or have clients pin the root anew.`,
    },
  );
}

function propose(
  desk: Desk,
  payload: BundlePayload,
  signers: readonly HeldCredential<AsCredential>[],
): Checked<BundleProposal> {
  const { asDomain, issuedAt, expiresAt } = payload;
  const terms = {
    act: 'sign-bundle' as const,
    asDomain,
    issuedAt,
    expiresAt,
    signers: signers.map(({ credential }) => credential),
  };
  const context = policyContext(desk);
  // The encoder refuses what the format forbids; the rules, which know more and say it better, come first.
  checkPolicy({ ...terms, payloadBytes: new Uint8Array() }, context);
  return checkPolicy({ ...terms, payloadBytes: encodeBundlePayload(payload) }, context);
}

function contentFor(root: AsCredential, payloadBytes: Uint8Array): Uint8Array {
  return sigStructure(signatureProtected(fingerprintOf(root), root.payload.ciphersuite.scheme), payloadBytes);
}

function standInFor(desk: Desk, root: AsCredential, payloadBytes: Uint8Array): BundleSignature {
  const { scheme } = root.payload.ciphersuite;
  return bundleSignature(fingerprintOf(root), scheme, trialSignature(scheme, contentFor(root, payloadBytes), desk));
}

async function signOne(
  desk: Desk,
  root: AsCredential,
  file: string,
  content: Uint8Array,
): Promise<{ signature: BundleSignature; used: readonly ChangeEvent[] }> {
  const signer = await openKeyOf(desk, root.payload.publicKey, file);
  try {
    const { scheme } = root.payload.ciphersuite;
    const signature = bundleSignature(fingerprintOf(root), scheme, await signer.sign(content));
    return { signature, used: keyUsed(signer) };
  } finally {
    await signer.close();
  }
}

/** The bundle as a new client takes it, who pinned any one of its roots, and as one does who holds the last bundle. */
function acceptAsClients(
  { atSeconds, engines, authority }: Desk,
  bundle: Uint8Array,
  payload: BundlePayload,
  signers: readonly HeldCredential<AsCredential>[],
  last: LastBundle | undefined,
): AcceptedBundle {
  const common = { bundle, atSeconds, engines, expectedDomain: authority.settings.domain };
  const pins = signers.map(({ credential }) => fingerprintOf(credential));
  const accepted = acceptBundle({ ...common, held: { pins, threshold: Math.min(payload.threshold, pins.length) } });
  if (last !== undefined) acceptBundle({ ...common, held: { last: last.encoded } });
  return accepted;
}

function warningsFor({ threshold, nextRoots }: BundlePayload): string[] {
  if (threshold > 1 || nextRoots.length > 0) return [];
  return [
    'With one root enough to sign and no commitment to the next one, whoever steals this root can replace it until clients pin anew.',
  ];
}
