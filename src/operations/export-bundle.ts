import { toHex } from '../common/bytes.js';
import { usage } from '../common/errors.js';
import { applyChange, type ChangeEvent } from '../authority/store.js';
import { bundleSignature, encodeBundle, type BundleSignature } from '../bundle/bundle.js';
import { fingerprintOf } from '../credential/fingerprint.js';
import { hash } from '../crypto/hash.js';
import type { AcceptedBundle } from '../verify/bundle.js';
import { contentFor, planBundles, signersOf, type PlannedBundle } from './bundle-plan.js';
import { previewOf } from './bundle-preview.js';
import { acceptWhole, checkViews } from './bundle-views.js';
import { mustBePlanned, type Desk } from './desk.js';
import { verifiedHistory } from './history.js';
import { openKeyOf } from './keys.js';
import type { BundleWish, HeldRoot } from './next-bundle.js';
import { keyUsed } from './ready-key.js';
import { checkRoots } from './roots.js';

export interface ExportedBundle {
  readonly bundle: AcceptedBundle;
  /** Relative to the authority. */
  readonly file: string;
  /** Hex. */
  readonly signers: readonly string[];
}

/** More than ten years of bundles; a larger number is a mistake. */
const MOST = 48;

/**
 * Signs the next bundle with every root that it lists, and accepts it as clients will before it is kept.
 * Errors: `no-root`, `policy`, `clients-would-refuse`, the codes of both formats, and those of the keys.
 */
export async function exportBundle(desk: Desk, wish: BundleWish): Promise<ExportedBundle> {
  const [only] = await exportSeries(desk, wish, 1);
  if (only === undefined) throw new TypeError('a series of one has one');
  return only;
}

/** As `exportBundle`, for `count` bundles, signed ahead: one now, the others `bundle_every` after each other. Each key is opened once. */
export async function exportSeries(desk: Desk, wish: BundleWish, count: number): Promise<readonly ExportedBundle[]> {
  mustBePlanned(desk);
  if (count < 1 || count > MOST) throw usage(`a series has 1 to ${String(MOST)} bundles, not ${String(count)}`);
  const { authority, atSeconds } = desk;
  checkRoots(authority, desk.engines);
  const history = verifiedHistory(authority, desk.engines, atSeconds);
  const planned = planBundles(desk, wish, history, count);
  await desk.confirm(previewOf(desk, planned, wish));

  const events: ChangeEvent[] = [];
  const signatures = new Map<PlannedBundle, BundleSignature[]>(planned.map((one) => [one, []]));
  for (const root of new Set(planned.flatMap(signersOf))) {
    events.push(...(await signWith(desk, root, planned, signatures)));
  }
  const made = planned.map((one) => finish(desk, one, signatures.get(one) ?? [], wish));
  applyChange(authority, {
    operation: 'bundle export',
    files: made.map(({ file, bundle }) => ({ path: file, bytes: bundle.encoded })),
    events,
    atSeconds,
    writer: desk.writer,
  });
  return made;
}

/** All signatures of one root, by one opening of its key. */
async function signWith(
  desk: Desk,
  root: HeldRoot,
  planned: readonly PlannedBundle[],
  signatures: ReadonlyMap<PlannedBundle, BundleSignature[]>,
): Promise<readonly ChangeEvent[]> {
  const { credential, file, fingerprint: kid } = root;
  const { publicKey, ciphersuite } = credential.payload;
  const signer = await openKeyOf(desk, publicKey, file);
  try {
    const events: ChangeEvent[] = [...keyUsed(signer)];
    for (const one of planned) {
      if (!signersOf(one).includes(root)) continue;
      const content = contentFor(credential, one.proposal.payloadBytes);
      signatures
        .get(one)
        ?.push(bundleSignature(fingerprintOf(credential), ciphersuite.scheme, await signer.sign(content)));
      events.push({
        event: 'sign',
        fields: {
          what: 'bundle',
          sequence: one.payload.sequence,
          kid,
          signed_sha256: toHex(hash('sha256', content)),
        },
      });
    }
    return events;
  } finally {
    await signer.close();
  }
}

/** The signed bundle, verified by all engines, and taken by every client that the trial was taken by. */
function finish(
  { authority, engines }: Desk,
  { payload, listed, proposal, history, file, departing }: PlannedBundle,
  signatures: readonly BundleSignature[],
  wish: BundleWish,
): ExportedBundle {
  const { roots, settings } = authority;
  const encoded = encodeBundle(proposal.payloadBytes, signatures);
  const bundle = acceptWhole(encoded, { roots, engines, asDomain: settings.domain, atSeconds: payload.issuedAt });
  checkViews({ encoded, payload, listed, roots, history, repin: wish.repin === true });
  return { bundle, file, signers: [...listed, ...departing].map(({ fingerprint }) => fingerprint) };
}
