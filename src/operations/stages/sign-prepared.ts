/**
 * The second stage: one root signs a prepared file at its own site, after the site has judged it by what it knows
 * itself.
 */
import type { Authority, HeldRoot } from '../../authority/authority.js';
import { existsInside } from '../../authority/ground/inside.js';
import { applyChange } from '../../authority/store.js';
import { decodeBundle } from '../../bundle/bundle.js';
import { encodeSignatures } from '../../bundle/detached-signatures.js';
import { parseKeyUri } from '../../codec/key-uri.js';
import { toHex } from '../../common/bytes.js';
import { CeremonyError, couldNot, refused, retold, usage } from '../../common/errors.js';
import { parseFingerprint } from '../../credential/credential-fingerprint.js';
import { fingerprintOf } from '../../credential/fingerprint-of.js';
import { hash } from '../../crypto/hash.js';
import { acceptBundle } from '../../verify/accept-bundle.js';
import { payloadOf } from '../../verify/bundle-trust.js';
import { previewOf } from '../bundles/bundle-preview.js';
import { signersOf } from '../bundles/dry-run-bundle.js';
import { checkNotSignedOtherwise, signBundles, signedOtherwise, toSignBy } from '../bundles/sign-bundle.js';
import { mustBePlanned, type OperationContext, type Preview } from '../context/operation-context.js';
import { checkRoots } from '../credentials/roots.js';
import { type PastBundle, verifiedHistory } from '../lifecycle/bundle-history.js';
import { comparisonRows } from './comparison-rows.js';
import { judgeAlone, type Judged, judgePrepared } from './judge-prepared.js';
import { wordsOf } from './trust-changes.js';

export interface SignOptions {
  /** The file's bytes. */
  readonly prepared: Uint8Array;
  /**
   * Which of the roots that are to sign does so here: its file's name, its fingerprint, or at least 8 digits of that.
   * If only one key is here, it is that one.
   */
  readonly root?: string;
  /** Where the key is, if that isn't on record here. */
  readonly keyUri?: string;
  /**
   * If this folder holds nothing of the authority: bundles that clients hold, of which the prepared one follows the
   * newest.
   */
  readonly last: readonly { readonly name: string; readonly bytes: Uint8Array }[];
  /**
   * Whole fingerprints of roots, known from another source, by which these are judged; if not given, they are judged by
   * the root that signs here.
   */
  readonly trust?: readonly Uint8Array[];
  /** How many of those must have signed; required if there are two or more. */
  readonly threshold?: number;
  /** Whether to sign although this root has signed another payload with that number, which is agreed to in words. */
  readonly anew: boolean;
  /**
   * Returns where the caller will write the signatures of a root (its fingerprint in hex), after checking that the name
   * is free.
   */
  readonly out: (kid: string) => string;
}

export interface SignedPrepared {
  readonly judged: Judged;
  readonly root: HeldRoot;
  /** The bytes of the file that goes back. */
  readonly signatures: Uint8Array;
  readonly out: string;
}

const ANEW = 'sign a second one';

/**
 * Checks a prepared file, shows it, signs it with one root and records that. Errors: those of judging it, `not-asked`,
 * `signed-otherwise`, `declined`, `plan-required`, and those of the key.
 */
export async function signPrepared(context: OperationContext, wanted: SignOptions): Promise<SignedPrepared> {
  mustBePlanned(context);
  const { authority } = context;
  checkRoots(authority, context.engines);
  const alone = authority.roots.length === 0 && authority.bundles.length === 0;
  const judged = alone
    ? judgeAlone(context, wanted.prepared, {
        given: wanted.last.length,
        judged: (signers) => pastOf(context, signers, wanted),
      })
    : judgeHere(context, wanted);
  const { unsigned } = judged;
  const root = rootHere(authority, unsigned.flatMap(signersOf), wanted);
  const others = signedOtherwise(authority, root, unsigned);
  if (!wanted.anew) checkNotSignedOtherwise(authority, root, unsigned);
  const out = wanted.out(root.fingerprint);
  await context.confirm(signPreview(context, judged, { root, wanted, out, alone, others }));

  const { signatures: made, events } = await signBundles(context, root, unsigned, wanted.keyUri);
  const preparedSha256 = hash('sha256', wanted.prepared);
  const signatures = encodeSignatures({
    preparedSha256,
    kid: fingerprintOf(root.credential),
    scheme: root.credential.payload.ciphersuite.scheme,
    signatures: made.map(({ unsigned: { payload }, signature }) => ({
      sequence: payload.sequence,
      signature: signature.signature,
    })),
  });
  const fields = { prepared_sha256: toHex(preparedSha256), signatures_sha256: toHex(hash('sha256', signatures)) };
  applyChange(authority, {
    operation: 'bundle sign',
    files: [],
    events: [...events, { event: 'stage', fields: { ...fields, ...(alone ? { compared: false } : {}) } }],
    atSeconds: context.atSeconds,
    recordIn: context.recordIn,
  });
  return { judged, root, signatures, out };
}

function judgeHere(context: OperationContext, { prepared, last, trust = [], threshold }: SignOptions): Judged {
  if (last.length > 0 || trust.length > 0 || threshold !== undefined) {
    const option = last.length > 0 ? 'last' : trust.length > 0 ? 'trust' : 'threshold';
    throw usage(`the option ${option} is for a folder that holds nothing of the authority, and this one does`, {
      hint: 'What clients hold is known from bundles/. Leave it out.',
      remedies: [{ option }],
    });
  }
  const history = verifiedHistory(context.authority, context.engines, context.atSeconds);
  return judgePrepared(context, prepared, history, { strict: true });
}

/**
 * Returns what --last names, by sequence. The first is judged by pins, and each other one as by a client that holds the
 * one before. Without --trust the pin is the root that signs here: its own key shows what it signed, and nothing else
 * that was carried here does.
 */
function pastOf(
  { authority, engines }: OperationContext,
  signers: readonly HeldRoot[],
  wanted: SignOptions,
): readonly PastBundle[] {
  const past = wanted.last.map(({ name, bytes }): PastBundle => {
    const bundle = decodeBundle(bytes);
    const { payloadBytes } = bundle;
    return { file: name, payload: payloadOf(bundle), payloadBytes, encoded: bytes, mark: undefined };
  });
  past.sort((a, b) => a.payload.sequence - b.payload.sequence);
  if (past.length === 0) return past;
  const { trust = [], threshold } = wanted;
  const own = rootHere(authority, signers, wanted);
  const pins = trust.length > 0 ? trust : [fingerprintOf(own.credential)];
  const known = [own.credential, ...past.flatMap(({ payload }) => payload.asCredentials)];
  past.forEach(({ encoded: bundle, payload, file }, i) => {
    const before = past[i - 1];
    const held = before === undefined ? { pins, threshold } : { last: before.encoded };
    const question = { bundle, held, known, engines, expectedDomain: authority.settings.domain };
    try {
      acceptBundle({ ...question, atSeconds: payload.issuedAt });
    } catch (error) {
      if (!(error instanceof CeremonyError) || error.kind === 'usage') throw error;
      throw retold(error, `${file}: ${error.message}`, {
        hint: 'Get the bundle again as it was published, and the ones before it whose roots signed it. Where the root that signs here has signed none of them, name a root of the first by its whole fingerprint, known from another source.',
        remedies: [{ option: 'trust', value: 'FINGERPRINT' }],
      });
    }
  });
  return past;
}

/** Returns the root that signs here. Errors: `not-asked`, `usage`. */
function rootHere(authority: Authority, signers: readonly HeldRoot[], { root: name, keyUri }: SignOptions): HeldRoot {
  const asked = [...new Map(signers.map((root) => [root.fingerprint, root])).values()];
  const list = asked.map(({ file, fingerprint }) => `${file} (${fingerprint})`).join(', ');
  if (name !== undefined) {
    const named = asked.filter(({ file, fingerprint }) => isNamed(file, fingerprint, name));
    if (named.length === 1 && named[0] !== undefined) return named[0];
    throw refused('not-asked', `${JSON.stringify(name)} is not one of the roots that must sign this: ${list}`, {
      hint: 'Name one of them by its fingerprint, or 8 or more digits of that.',
    });
  }
  const here = asked.filter(({ credential }) => isHere(authority, credential.payload.publicKey, keyUri));
  if (here.length === 1 && here[0] !== undefined) return here[0];
  throw usage(
    here.length === 0 ? 'no key of a root that is asked to sign is on record here' : 'several roots could sign here',
    {
      hint: `The roots to sign are ${list}. Name the one${here.length === 0 ? ', and where its key is' : ''}.`,
      remedies: here.length === 0 ? [{ option: 'root' }, { option: 'key' }] : [{ option: 'root' }],
    },
  );
}

function isNamed(file: string, fingerprint: string, name: string): boolean {
  const base = file.replace(/^credentials\//, '');
  if ([file, base, base.replace(/\.pem$/, '')].includes(name)) return true;
  if (parseFingerprint(name) !== undefined) return name.toLowerCase() === fingerprint;
  return /^[0-9a-f]{8,}$/i.test(name) && fingerprint.startsWith(name.toLowerCase());
}

/** Returns whether a key is here. A copy of the public folder has every key's record, but only its own key files. */
function isHere(authority: Authority, publicKey: Uint8Array, keyUri: string | undefined): boolean {
  const record = authority.keyRecordFor(publicKey);
  if (record === undefined) return false;
  if (keyUri !== undefined) return record.uri === parseKeyUri(keyUri).uri;
  const key = parseKeyUri(record.uri);
  return key.kind === 'pkcs11' || existsInside(authority.dir, key.path);
}

interface Signing {
  readonly root: HeldRoot;
  readonly wanted: SignOptions;
  readonly out: string;
  readonly alone: boolean;
  /** Sequences for which this root has signed something else. */
  readonly others: readonly number[];
}

function signPreview(
  context: OperationContext,
  judged: Judged,
  { root, wanted, out, alone, others }: Signing,
): Preview {
  const preview = previewOf(context, judged.unsigned, judged.wanted);
  const sequences = toSignBy(root, judged.unsigned).map(({ payload }) => payload.sequence);
  if (sequences.length === 0) throw couldNot('internal', 'a root that signs nothing was chosen');
  return {
    ...preview,
    rows: [
      ...preview.rows,
      ...comparisonRows(wanted.prepared),
      ['signed here by', `${root.fingerprint} (${root.file})`],
    ],
    changes: [
      `${out} is written, with the signature${sequences.length > 1 ? `s on bundles ${sequences.join(', ')}` : ''} of this root`,
      'it goes on record here, and no other bundle with that number is signed silently',
    ],
    warnings: [
      ...(preview.warnings ?? []),
      ...(alone
        ? [
            'This folder holds nothing of the authority, so nobody here can tell whether something is missing or superfluous. Compare every line, and the SHA-256, with the other site.',
          ]
        : []),
      ...others.map(
        (one) =>
          `This root has signed another bundle ${String(one)}. Whoever holds one of the two refuses the other forever, and somebody may show them to different clients.`,
      ),
    ],
    ...wordsOf(preview, judged, others.length > 0 ? [ANEW] : []),
  };
}
