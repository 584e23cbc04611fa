/**
 * A file of unsigned bundles that several roots sign, each at its own site. It cannot be taken for a bundle. Form only:
 * the sites that sign it judge its contents.
 */
import { type CborValue, encodeCbor } from '../codec/cbor.js';
import { compareBytes, equalBytes, toHex } from '../common/bytes.js';
import { type AsCredential, decodeAsCredential } from '../credential/as-credential.js';
import { isFingerprint } from '../credential/credential-fingerprint.js';
import { fingerprintOf } from '../credential/fingerprint-of.js';
import { decodeIntermediateAsCredential } from '../credential/intermediate-as-credential.js';
import { BoundedMap } from '../crypto/bounded-map.js';
import { MAX_INTERMEDIATES, MAX_ROOTS } from './limits.js';
import { decodedOf } from './listed-credential.js';
import {
  type CredentialDecoders,
  type PayloadForm,
  payloadForm,
  payloadHash,
  type UnverifiedBundlePayload,
  withCredentials,
} from './payload.js';
import { arrayField, bytesField, checkRising, integerField, malformed, mapField, textField } from './payload-fields.js';
import { asFaultOf, decodeStageFile, PREPARED } from './stage-file.js';

interface BundleOf<Payload, Root> {
  readonly payloadBytes: Uint8Array;
  readonly payload: Payload;
  /** Roots that sign but are no longer listed, by fingerprint. */
  readonly departing: readonly Root[];
}

/** One bundle of a prepared file. It is signed by the roots that it lists and by the departing ones. */
export type PreparedBundle = BundleOf<UnverifiedBundlePayload, AsCredential>;

/** A prepared file: one bundle, or a series in which each is linked to the one before. */
interface ProposalOf<Bundle> {
  readonly asDomain: string;
  /** The sequence of the bundle before the first one, or 0 if the first one is the authority's first. */
  readonly after: number;
  /** Options that cannot be read from a payload: the fingerprints to retire. */
  readonly retire: readonly Uint8Array[];
  readonly lost: readonly Uint8Array[];
  readonly list: readonly Uint8Array[];
  readonly repin: boolean;
  readonly bundles: readonly Bundle[];
}

export type PreparedBundles = ProposalOf<PreparedBundle>;

/**
 * A prepared file whose credentials are still encoded, so that its domain, its place in the history and its clock can
 * be checked before any credential is decoded.
 */
export type PreparedForm = ProposalOf<BundleOf<PayloadForm, Uint8Array>>;

/** More than ten years of bundles; a longer series is a mistake. */
export const MAX_SERIES = 48;
/** A prepared file of several bundles fits on a stick, and is read as a whole. */
export const MAX_PREPARED_FILE = 16 * 1024 * 1024;
/**
 * The limit for all bundles of a file together, each credential counted once. A series repeats the same ones, and adds
 * their successors.
 */
const MAX_PREPARED_CREDENTIALS = 2 * (MAX_ROOTS + MAX_INTERMEDIATES);

/**
 * Encodes a prepared file, and sorts its lists. Refuses whatever a decoder would refuse. Error: `prepared-malformed`.
 */
export function encodePrepared(
  prepared: Omit<PreparedBundles, 'bundles'> & { readonly bundles: readonly Omit<PreparedBundle, 'payload'>[] },
): Uint8Array {
  const { asDomain, after, retire, lost, list, repin, bundles } = prepared;
  const sorted = (values: readonly Uint8Array[]): Uint8Array[] => [...values].sort(compareBytes);
  const bytes = encodeCbor(
    new Map<string, CborValue>([
      ['type', PREPARED],
      ['version', 1],
      ['as_domain', asDomain],
      ['after', after],
      ['retire', sorted(retire)],
      ['lost', sorted(lost)],
      ['list', sorted(list)],
      ['repin', repin],
      ['bundles', bundles.map(bundleValue)],
    ]),
  );
  decodePrepared(bytes);
  return bytes;
}

function bundleValue({ payloadBytes, departing }: Omit<PreparedBundle, 'payload'>): CborValue {
  const sorted = departing
    .map((root) => ({ encoded: root.encoded, fingerprint: fingerprintOf(root) }))
    .sort((a, b) => compareBytes(a.fingerprint, b.fingerprint));
  return new Map<string, CborValue>([
    ['payload', payloadBytes],
    ['departing', sorted.map(({ encoded }) => encoded)],
  ]);
}

/** Decodes the file's form; nothing is verified. Error: `prepared-malformed`. */
export function decodePrepared(bytes: Uint8Array): PreparedBundles {
  return preparedIn(preparedForm(bytes));
}

/** Decodes everything but the credentials. Error: `prepared-malformed`. */
export function preparedForm(bytes: Uint8Array): PreparedForm {
  return decodeStageFile(
    bytes,
    PREPARED,
    MAX_PREPARED_FILE,
    (map) => {
      const asDomain = textField('as_domain', map.get('as_domain'));
      const after = integerField('after', map.get('after'), 0, Number.MAX_SAFE_INTEGER - MAX_SERIES);
      const repin = map.get('repin');
      if (typeof repin !== 'boolean') throw malformed('repin is neither true nor false');
      const [retire, lost, list] = (['retire', 'lost', 'list'] as const).map((name) =>
        fingerprintsField(name, map.get(name)),
      ) as [Uint8Array[], Uint8Array[], Uint8Array[]];
      const bundles = bundlesField(map.get('bundles'), { asDomain, after });
      return { asDomain, after, retire, lost, list, repin, bundles };
    },
    ['as_domain', 'after', 'retire', 'lost', 'list', 'repin', 'bundles'],
  );
}

/**
 * Decodes the credentials of a prepared file, each once, up to the first bundle with a fault. Error:
 * `prepared-malformed`.
 */
export function preparedIn(form: PreparedForm): PreparedBundles {
  const root = eachOnce(decodeAsCredential);
  const decode = { root, intermediate: eachOnce(decodeIntermediateAsCredential) };
  return asFaultOf(PREPARED, () => ({ ...form, bundles: form.bundles.map((one) => decodedBundle(one, decode)) }));
}

/** Wraps `decode` so that the same bytes give the same credential again. */
function eachOnce<T>(decode: (bytes: Uint8Array) => T): (bytes: Uint8Array) => T {
  const known = new BoundedMap<T>(MAX_PREPARED_CREDENTIALS);
  return (bytes) => known.get(toHex(bytes), () => decode(bytes));
}

/** Checks each bundle in its place before it reads the next. */
function bundlesField(value: CborValue | undefined, wanted: SeriesStart): PreparedForm['bundles'] {
  const items = arrayField('bundles', value);
  if (items.length < 1 || items.length > MAX_SERIES)
    throw malformed(`bundles has ${String(items.length)} entries, not 1 to ${String(MAX_SERIES)}`);
  const bundles: PreparedForm['bundles'][number][] = [];
  const credentials = new Set<string>();
  for (const item of items) {
    const bundle = preparedField(item);
    checkLink(bundle, bundles.at(-1), wanted);
    const { asCredentials, asIntermediateCredentials } = bundle.payload;
    for (const one of [...asCredentials, ...asIntermediateCredentials, ...bundle.departing])
      credentials.add(toHex(one));
    if (credentials.size > MAX_PREPARED_CREDENTIALS)
      throw malformed(`its bundles have more than ${String(MAX_PREPARED_CREDENTIALS)} credentials in all`);
    bundles.push(bundle);
  }
  return bundles;
}

type SeriesStart = Pick<PreparedForm, 'asDomain' | 'after'>;

/** Checks that a bundle is of the same domain as the one before it, and follows from it. */
function checkLink(
  { payload }: PreparedForm['bundles'][number],
  before: PreparedForm['bundles'][number] | undefined,
  { asDomain, after }: SeriesStart,
): void {
  const name = `bundle ${String(payload.sequence)}`;
  if (payload.asDomain !== asDomain) throw malformed(`${name} is of ${payload.asDomain}, not of ${asDomain}`);
  if (before === undefined) {
    if (payload.sequence <= after) throw malformed(`${name} does not come after ${String(after)}`);
    return;
  }
  if (payload.sequence !== before.payload.sequence + 1)
    throw malformed(`${name} follows bundle ${String(before.payload.sequence)}`);
  if (payload.previous === null || !equalBytes(payload.previous, payloadHash(before.payloadBytes)))
    throw malformed(`${name} is not linked to the one before it`);
  if (payload.issuedAt < before.payload.issuedAt) throw malformed(`${name} is issued before the one that it follows`);
}

function preparedField(item: CborValue): PreparedForm['bundles'][number] {
  const map = mapField('an entry of bundles', item, ['payload', 'departing']);
  const payloadBytes = bytesField('payload', map.get('payload'));
  const payload = payloadForm(payloadBytes);
  const departing = arrayField('departing', map.get('departing')).map((one) =>
    bytesField('an entry of departing', one),
  );
  const signers = departing.length + payload.asCredentials.length;
  if (signers > MAX_ROOTS)
    throw malformed(`a bundle of ${String(signers)} signers, at most ${String(MAX_ROOTS)} are allowed`);
  return { payloadBytes, payload, departing };
}

function decodedBundle(
  { payloadBytes, payload: form, departing: encodings }: PreparedForm['bundles'][number],
  decode: CredentialDecoders,
): PreparedBundle {
  const payload = withCredentials(form, decode);
  const departing = encodings.map(decode.root);
  const prints = departing.map(fingerprintOf);
  checkRising('departing (by fingerprint)', prints);
  const listed = decodedOf(payload.asCredentials);
  if (prints.some((one) => listed.some(({ fingerprint }) => equalBytes(fingerprint, one))))
    throw malformed('departing names a root that the bundle lists');
  return { payloadBytes, payload, departing };
}

function fingerprintsField(name: string, value: CborValue | undefined): Uint8Array[] {
  const prints = arrayField(name, value).map((one) => bytesField(`an entry of ${name}`, one));
  if (!prints.every(isFingerprint)) throw malformed(`an entry of ${name} is not a fingerprint`);
  checkRising(name, prints);
  return prints;
}
