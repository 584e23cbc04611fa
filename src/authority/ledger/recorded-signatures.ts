/**
 * Compares every signature on record with what bears it: a root of this authority, and a file of the same change, or a
 * bundle that is assembled elsewhere.
 */
import { decodeBundle, signatureProtected, sigStructure } from '../../bundle/bundle.js';
import { toHex } from '../../common/bytes.js';
import { attemptQuietly } from '../../common/errors.js';
import { MAX_BUNDLE_FILE, MAX_CREDENTIAL_FILE } from '../../common/files.js';
import type { AsCredential } from '../../credential/as-credential.js';
import { decodeCredentialFile } from '../../credential/credential-file.js';
import { fingerprintOf } from '../../credential/fingerprint-of.js';
import { selfSignatureContent, signatureContent } from '../../credential/self-signed.js';
import { hash } from '../../crypto/hash.js';
import type { EventFields } from '../events/event.js';
import { type RecordedKind, recordedKind } from '../events/writes.js';
import type { FolderReader } from '../folders/folder-reader.js';
import { type EntryOf, eventsOf } from '../formats/transcript.js';
import { listInside, readInside } from '../ground/inside.js';
import { isSequence, numberIn, type RecordedFile, type Segment } from './recorded-change.js';

/** A change of a transcript that records signatures, or files that bear some. */
export interface SignedSegment extends Segment {
  /** The transcript, relative to the authority. */
  readonly transcript: string;
  /**
   * Whether nothing of an authority was on record before it: a site that only keeps a key signs for an authority that
   * it doesn't know.
   */
  readonly alone: boolean;
}

/**
 * Adds a finding for each signature that no file here bears, and for each credential and bundle whose signature is not
 * on record.
 */
export function checkSignatures(reader: FolderReader, segments: readonly SignedSegment[]): void {
  const signed = segments.filter(({ events }) => eventsOf(events, 'sign').length > 0);
  const assembled = segments.filter(({ events }) => eventsOf(events, 'signature').length > 0);
  if (signed.length + assembled.length === 0) return;
  const roots = rootsIn(reader.dir);
  // Each file is decoded once, however often the record names it.
  const [kids, contents] = [new Map<string, readonly string[]>(), new Map<string, string>()];
  for (const segment of assembled) checkAssembled(reader, segment, roots, kids);
  // If a root's own file is damaged or missing, that finding is enough.
  const rootFiles = segments.flatMap(({ files }) => pathsOf('root', files));
  for (const { transcript, events, files, alone } of signed) {
    const [stage] = eventsOf(events, 'stage');
    const isStranger = alone && stage?.fields.compared === false;
    const borne = new Set<string>();
    for (const sign of eventsOf(events, 'sign')) {
      const fault =
        stage === undefined
          ? signFault(sign, { dir: reader.dir, roots, files, borne, contents })
          : stageFault(sign, roots, isStranger);
      if (fault === undefined) continue;
      const explained = [...rootFiles, ...files.map(({ path }) => path)];
      reader.suspect(transcript, explained, `line ${String(sign.seq + 1)}: ${fault}`);
    }
    for (const path of (['root', 'intermediate', 'bundle'] as const).flatMap((kind) => pathsOf(kind, files)))
      if (!borne.has(path))
        reader.suspect(transcript, [...rootFiles, path], `no signature on record is that of ${path}`);
  }
}

/** Adds a finding for each bundle whose signers are not those whose signatures came back. */
function checkAssembled(
  reader: FolderReader,
  { transcript, events, files }: SignedSegment,
  roots: ReadonlyMap<string, AsCredential>,
  kids: Map<string, readonly string[]>,
): void {
  const came = eventsOf(events, 'signature').map(({ fields }) => fields.kid);
  for (const path of pathsOf('bundle', files)) {
    const known = kids.get(path) ?? signersOf(reader.dir, path);
    kids.set(path, known);
    if (known.some((kid) => !roots.has(kid)) || known.join() !== came.sort().join())
      reader.suspect(transcript, [path], `the signatures that came back are not those of ${path}`);
  }
}

/** Returns the signers by kid, sorted; empty if it is not a bundle. */
function signersOf(dir: string, path: string): readonly string[] {
  const bundle = attemptQuietly(() => decodeBundle(readInside(dir, path, MAX_BUNDLE_FILE)));
  return bundle?.signatures.map(({ kid }) => toHex(kid)).sort() ?? [];
}

interface Made {
  readonly dir: string;
  /** By fingerprint (hex). */
  readonly roots: ReadonlyMap<string, AsCredential>;
  readonly files: readonly RecordedFile[];
  /** Paths whose signature was found; this function adds to it. */
  readonly borne: Set<string>;
  /**
   * SHA-256 (hex) of what is signed, by path and signer; empty if nothing can be. It is filled here, so that each file
   * is decoded once.
   */
  readonly contents: Map<string, string>;
}

function pathsOf(kind: RecordedKind, files: readonly RecordedFile[]): readonly string[] {
  return files.map(({ path }) => path).filter((path) => recordedKind(path) === kind);
}

/**
 * Checks a signature on a bundle that is assembled elsewhere: only who signed, and whether the bundle can have that
 * number.
 */
function stageFault(
  { fields, atSeconds }: EntryOf<'sign'>,
  roots: ReadonlyMap<string, AsCredential>,
  isStranger: boolean,
): string | undefined {
  if (fields.what !== 'bundle') return 'what was signed there is not a bundle';
  if (!roots.has(fields.kid) && !isStranger) return NO_ROOT;
  return isSequence(fields.sequence, atSeconds) ? undefined : 'no bundle can have that number';
}

const NO_ROOT = 'what signed there is not a root of this authority';

/**
 * What a signature of each kind is on: the kind of file, and the contents (as SHA-256 in hex) that are signed in such a
 * file.
 */
const KINDS: Readonly<
  Record<
    EventFields<'sign'>['what'],
    { readonly kind: RecordedKind; readonly signed: (one: Uint8Array, by: AsCredential | undefined) => Uint8Array }
  >
> = {
  AsCredential: {
    kind: 'root',
    signed: (file) => selfSignatureContent('AsCredential', decodeCredentialFile(file, ['as_credential']).payloadBytes),
  },
  'IntermediateAsCredential request': {
    kind: 'request',
    signed: (file) =>
      selfSignatureContent(
        'IntermediateAsCredential',
        decodeCredentialFile(file, ['intermediate_as_credential_request']).payloadBytes,
      ),
  },
  IntermediateAsCredential: {
    kind: 'intermediate',
    signed: (file) =>
      signatureContent(
        'IntermediateAsCredential',
        decodeCredentialFile(file, ['intermediate_as_credential']).selfSignedBytes,
      ),
  },
  bundle: {
    kind: 'bundle',
    signed: (file, by) => {
      if (by === undefined) return new Uint8Array();
      const protectedBytes = signatureProtected(fingerprintOf(by), by.payload.ciphersuite.scheme);
      return sigStructure(protectedBytes, decodeBundle(file).payloadBytes);
    },
  },
};

function signFault({ fields }: EntryOf<'sign'>, { dir, roots, files, borne, contents }: Made): string | undefined {
  const { what, signed_sha256: wanted } = fields;
  const { kind, signed } = KINDS[what];
  const signer = what === 'bundle' ? fields.kid : what === 'IntermediateAsCredential' ? fields.signer : undefined;
  const by = signer === undefined ? undefined : roots.get(signer);
  if (signer !== undefined && by === undefined) return NO_ROOT;
  const paths = pathsOf(kind, files).filter((path) => what !== 'bundle' || numberIn(path) === fields.sequence);
  const path = paths.find((one) => {
    const key = `${one} ${what === 'bundle' ? fields.kid : ''}`;
    const before = contents.get(key);
    if (before !== undefined) return before === wanted;
    const bytes = attemptQuietly(() => readInside(dir, one, MAX_BUNDLE_FILE));
    // Requests come and go.
    if (bytes === undefined) return kind === 'request';
    const content = attemptQuietly(() => signed(bytes, by));
    const sha256 = content === undefined ? '' : toHex(hash('sha256', content));
    contents.set(key, sha256);
    return sha256 === wanted;
  });
  if (path === undefined) return 'no file that was written with it has that signature';
  borne.add(path);
  return undefined;
}

/**
 * Returns the roots by fingerprint (hex), as far as they can be read. Those that cannot be read are reported elsewhere.
 */
export function rootsIn(dir: string): ReadonlyMap<string, AsCredential> {
  const roots = new Map<string, AsCredential>();
  for (const name of listInside(dir, 'credentials').filter((one) => /^root-\d+\.pem$/.test(one))) {
    const root = attemptQuietly(() =>
      decodeCredentialFile(readInside(dir, `credentials/${name}`, MAX_CREDENTIAL_FILE), ['as_credential']),
    );
    if (root !== undefined) roots.set(toHex(fingerprintOf(root)), root);
  }
  return roots;
}
