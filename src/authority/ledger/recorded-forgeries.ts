/**
 * Compares bundles that are on record as forged with what this authority made itself: nothing that was made here is a
 * forgery, and no client can hold a bundle before it is issued.
 */
import { decodeBundle, signatureProtected, sigStructure, type UnverifiedBundle } from '../../bundle/bundle.js';
import { toHex } from '../../common/bytes.js';
import { attemptQuietly } from '../../common/errors.js';
import { MAX_BUNDLE_FILE } from '../../common/files.js';
import { formatTime } from '../../common/time.js';
import type { AsCredential } from '../../credential/as-credential.js';
import { fingerprintOf } from '../../credential/fingerprint-of.js';
import { hash } from '../../crypto/hash.js';
import { recordedKind } from '../events/writes.js';
import type { FolderReader } from '../folders/folder-reader.js';
import { type EntryOf, eventsOf } from '../formats/transcript.js';
import { readInside } from '../ground/inside.js';
import { lineOf } from './recorded-change.js';
import { rootsIn, type SignedSegment } from './recorded-signatures.js';

/**
 * What was made here before: bundles by path, each with its payload's SHA-256 (hex), and signatures on bundles, each
 * with the transcript that says so.
 */
interface Made {
  readonly bundles: Map<string, string>;
  readonly signs: { readonly transcript: string; readonly sign: EntryOf<'sign'> }[];
}

/**
 * Adds a finding for each forgery that, according to earlier records, was made here, or that nobody could hold then.
 */
export function checkForgeries(reader: FolderReader, segments: readonly SignedSegment[]): void {
  const isForgery = (path: string): boolean => recordedKind(path) === 'forgery';
  if (!segments.some(({ files }) => files.some(({ path }) => isForgery(path)))) return;
  const roots = [...rootsIn(reader.dir).values()];
  const newest = segments.at(-1)?.events.at(-1)?.atSeconds ?? 0;
  const made: Made = { bundles: new Map(), signs: [] };
  for (const { transcript, events, files } of segments) {
    const paths = files.map(({ path }) => path);
    for (const path of paths.filter(isForgery)) {
      // If the clock has been recovered since, its earlier time no longer counts.
      const atSeconds = Math.min(newest, events.at(-1)?.atSeconds ?? 0);
      const fault = forgeryFault(reader.dir, path, { made, roots, atSeconds });
      if (fault !== undefined) reader.suspect(transcript, [path, ...made.bundles.keys()], fault);
    }
    // Each is decoded once, however many forgeries and lines there are.
    for (const path of paths.filter((one) => recordedKind(one) === 'bundle' && !made.bundles.has(one)))
      made.bundles.set(path, payloadSha256(decodedIn(reader.dir, path)));
    const signs = eventsOf(events, 'sign').filter(({ fields }) => fields.what === 'bundle');
    for (const sign of signs) made.signs.push({ transcript, sign });
  }
}

interface Known {
  readonly made: Made;
  readonly roots: readonly AsCredential[];
  readonly atSeconds: number;
}

function forgeryFault(dir: string, path: string, { made, roots, atSeconds }: Known): string | undefined {
  const forgery = decodedIn(dir, path);
  // A file that cannot be read is reported elsewhere.
  if (forgery === undefined) return undefined;
  const { payloadBytes, payload } = forgery;
  const sha256 = payloadSha256(forgery);
  const own = [...made.bundles].find(([, one]) => one === sha256)?.[0];
  if (own !== undefined) return `${path} is ${own}, which nobody else made`;
  const signed = new Set(roots.map((root) => toHex(hash('sha256', contentBy(root, payloadBytes)))));
  const by = made.signs.find(({ sign }) => signed.has(sign.fields.signed_sha256));
  if (by !== undefined)
    return `${path} was signed here, and nobody else made it: ${by.transcript}, ${lineOf(by.sign.seq)}`;
  if (payload.issuedAt <= atSeconds) return undefined;
  return `${path} is issued ${formatTime(payload.issuedAt)}, and no client held it when that was written`;
}

/** Returns the hash; empty if there is no bundle. */
function payloadSha256(bundle: UnverifiedBundle | undefined): string {
  return bundle === undefined ? '' : toHex(hash('sha256', bundle.payloadBytes));
}

/** Returns what a root signs in a bundle. */
function contentBy(root: AsCredential, payloadBytes: Uint8Array): Uint8Array {
  return sigStructure(signatureProtected(fingerprintOf(root), root.payload.ciphersuite.scheme), payloadBytes);
}

function decodedIn(dir: string, path: string): UnverifiedBundle | undefined {
  return attemptQuietly(() => decodeBundle(readInside(dir, path, MAX_BUNDLE_FILE)));
}
