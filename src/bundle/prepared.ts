/**
 * The proposal of bundles that are to be signed in stages, each root at its own site. It is no bundle, and can't be taken for one. Form only: the
 * sites that sign it judge what is in it.
 */
import { compareBytes, equalBytes } from '../common/bytes.js';
import { encodeCbor, type CborValue } from '../codec/cbor.js';
import { decodeAsCredential, type AsCredential } from '../credential/as-credential.js';
import { isFingerprint } from '../credential/credential-fingerprint.js';
import { fingerprintOf } from '../credential/fingerprint.js';
import { arrayField, bytesField, checkRising, integerField, malformed, mapField, textField } from './fields.js';
import { decodedOf } from './listed-credential.js';
import { MAX_ROOTS } from './limits.js';
import { decodeBundlePayload, payloadHash, type UnverifiedBundlePayload } from './payload.js';
import { decodeStageFile, PREPARED } from './stage-file.js';

/** One bundle of a proposal. Its signers are the roots that it lists, and the departing ones. */
export interface PreparedBundle {
  readonly payloadBytes: Uint8Array;
  readonly payload: UnverifiedBundlePayload;
  /** Roots that sign and are not listed; by fingerprint. */
  readonly departing: readonly AsCredential[];
}

/** A proposal: one bundle, or a series of them, each linked to the one before. */
export interface PreparedBundles {
  readonly asDomain: string;
  /** The sequence of the bundle that the first one follows; 0 where it is the authority's first. */
  readonly after: number;
  /** What was wished and can't be read from a payload. Fingerprints. */
  readonly retire: readonly Uint8Array[];
  readonly lost: readonly Uint8Array[];
  readonly list: readonly Uint8Array[];
  readonly repin: boolean;
  readonly bundles: readonly PreparedBundle[];
}

/** More than ten years of bundles; a longer series is a mistake. */
export const MAX_SERIES = 48;
/** A proposal of several bundles travels on a stick, and is read as a whole. */
export const MAX_PREPARED_FILE = 16 * 1024 * 1024;

/** The file's bytes, its lists sorted here. Whatever a decoder would refuse is refused. Error: `prepared-malformed`. */
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

/** Form alone; nothing is verified. Error: `prepared-malformed`. */
export function decodePrepared(bytes: Uint8Array): PreparedBundles {
  return decodeStageFile(
    bytes,
    PREPARED,
    MAX_PREPARED_FILE,
    (map) => {
      const asDomain = textField('as_domain', map.get('as_domain'));
      const after = integerField('after', map.get('after'), 0, Number.MAX_SAFE_INTEGER - MAX_SERIES);
      const bundles = arrayField('bundles', map.get('bundles')).map(preparedField);
      if (bundles.length < 1 || bundles.length > MAX_SERIES)
        throw malformed(`bundles has ${String(bundles.length)} entries, not 1 to ${String(MAX_SERIES)}`);
      bundles.forEach((one, i) => checkPlace(one, bundles[i - 1], asDomain, after));
      const repin = map.get('repin');
      if (typeof repin !== 'boolean') throw malformed('repin is neither true nor false');
      return {
        asDomain,
        after,
        retire: fingerprintsField('retire', map.get('retire')),
        lost: fingerprintsField('lost', map.get('lost')),
        list: fingerprintsField('list', map.get('list')),
        repin,
        bundles,
      };
    },
    ['as_domain', 'after', 'retire', 'lost', 'list', 'repin', 'bundles'],
  );
}

/** Every bundle is of one domain, and follows from the one before it. */
function checkPlace(
  { payload }: PreparedBundle,
  before: PreparedBundle | undefined,
  asDomain: string,
  after: number,
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

function preparedField(item: CborValue): PreparedBundle {
  const map = mapField('an entry of bundles', item, ['payload', 'departing']);
  const payloadBytes = bytesField('payload', map.get('payload'));
  const payload = decodeBundlePayload(payloadBytes);
  const departingItems = arrayField('departing', map.get('departing'));
  if (departingItems.length + payload.asCredentials.length > MAX_ROOTS)
    throw malformed(
      `a bundle of ${String(departingItems.length + payload.asCredentials.length)} signers, at most ${String(MAX_ROOTS)} are allowed`,
    );
  const departing = departingItems.map((one) => decodeAsCredential(bytesField('an entry of departing', one)));
  const prints = departing.map(fingerprintOf);
  checkRising('departing (by fingerprint)', prints);
  const listed = decodedOf(payload.asCredentials);
  if (prints.some((one) => listed.some(({ fingerprint }) => equalBytes(fingerprint, one))))
    throw malformed('departing names a root that the bundle lists');
  return { payloadBytes, payload, departing };
}

function fingerprintsField(name: string, value: CborValue | undefined): Uint8Array[] {
  const prints = arrayField(name, value).map((one) => bytesField(`an entry of ${name}`, one));
  if (!prints.every(isFingerprint)) throw malformed(`an entry of ${name} is no fingerprint`);
  checkRising(name, prints);
  return prints;
}
