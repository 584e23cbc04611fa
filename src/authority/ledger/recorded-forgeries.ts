/**
 * Bundles that are on record as somebody else's, beside what this authority made itself: what was made here is nobody
 * else's, and no client holds one before it is issued.
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

/** A finding for each that the record before it says was made here, or that nobody could hold then. */
export function checkForgeries(reader: FolderReader, segments: readonly SignedSegment[]): void {
  const isForgery = (path: string): boolean => recordedKind(path) === 'forgery';
  if (!segments.some(({ files }) => files.some(({ path }) => isForgery(path)))) return;
  const roots = [...rootsIn(reader.dir).values()];
  const newest = segments.at(-1)?.events.at(-1)?.atSeconds ?? 0;
  const made: Made = { bundles: new Map(), signs: [] };
  for (const { transcript, events, files } of segments) {
    const paths = files.map(({ path }) => path);
    for (const path of paths.filter(isForgery)) {
      // Where the clock was recovered since, the time that it had counts no more.
      const atSeconds = Math.min(newest, events.at(-1)?.atSeconds ?? 0);
      const fault = forgeryFault(reader.dir, path, { made, roots, atSeconds });
      if (fault !== undefined) reader.suspect(transcript, [path, ...made.bundles.keys()], fault);
    }
    // Each is decoded once, however many forgeries and lines there are.
    for (const path of paths.filter((one) => recordedKind(one) === 'bundle' && !made.bundles.has(one)))
      made.bundles.set(path, payloadSha256(decodedIn(reader.dir, path)));
    const signs = eventsOf(events, 'sign').filter(({ fields }) => fields.what === 'bundle');
    made.signs.push(...signs.map((sign) => ({ transcript, sign })));
  }
}

interface Known {
  readonly made: Made;
  readonly roots: readonly AsCredential[];
  readonly atSeconds: number;
}

function forgeryFault(dir: string, path: string, { made, roots, atSeconds }: Known): string | undefined {
  const forgery = decodedIn(dir, path);
  // What can't be read is found elsewhere.
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

/** Empty where there is no bundle. */
function payloadSha256(bundle: UnverifiedBundle | undefined): string {
  return bundle === undefined ? '' : toHex(hash('sha256', bundle.payloadBytes));
}

/** What a root signs of a bundle. */
function contentBy(root: AsCredential, payloadBytes: Uint8Array): Uint8Array {
  return sigStructure(signatureProtected(fingerprintOf(root), root.payload.ciphersuite.scheme), payloadBytes);
}

function decodedIn(dir: string, path: string): UnverifiedBundle | undefined {
  return attemptQuietly(() => decodeBundle(readInside(dir, path, MAX_BUNDLE_FILE)));
}
