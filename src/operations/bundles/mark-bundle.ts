import type { HeldBundle } from '../../authority/authority.js';
import { bundleMarkPath, type BundleState, encodeBundleMark } from '../../authority/formats/small-files.js';
import { applyChange } from '../../authority/store.js';
import { decodeBundle } from '../../bundle/bundle.js';
import { equalBytes, toHex } from '../../common/bytes.js';
import { attemptQuietly, refused } from '../../common/errors.js';
import { formatTime } from '../../common/time.js';
import { hash } from '../../crypto/hash.js';
import type { OperationContext } from '../context/operation-context.js';
import { checkHeld } from '../credentials/roots.js';
import { acceptWhole } from '../lifecycle/client-views.js';
import { withdrawalWarnings } from './withdrawal.js';

const DONE: Readonly<Record<BundleState, string>> = {
  published: 'was published: clients may hold it',
  withdrawn: 'was withdrawn: it never went out',
};

/**
 * Records what became of a bundle. Only a bundle that was never published can be withdrawn: whatever a client may hold
 * keeps counting. `bytes` are those of the file that the person named. Errors: `unknown-bundle`, `bundle-marked`,
 * `declined`.
 */
export async function markBundle(
  context: OperationContext,
  bytes: Uint8Array,
  state: BundleState,
): Promise<HeldBundle> {
  const { authority, atSeconds } = context;
  const held =
    authority.bundles.find((one) => equalBytes(one.bytes, bytes)) ??
    (state === 'published' ? sayingTheSame(context, bytes) : undefined);
  if (held === undefined) {
    throw refused('unknown-bundle', 'the authority holds no such bundle, byte for byte', {
      hint: 'Name one of the files in bundles/, or an exact copy of it.',
    });
  }
  if (held.mark !== undefined) {
    const { state: was, atSeconds: since } = held.mark;
    throw refused('bundle-marked', `${held.file} ${DONE[was]} (recorded ${formatTime(since)})`, {
      ...(was === state
        ? { hint: 'Nothing is left to do.' }
        : {
            hint:
              was === 'published'
                ? 'What clients may hold cannot be withdrawn. Sign a newer one.'
                : 'Do not publish it: what was signed since may contradict it. Sign a new one.',
            remedies: [{ command: 'bundle export' }],
          }),
    });
  }
  if (state === 'published') checkHeld(context);
  const sha256 = toHex(hash('sha256', held.bytes));
  await context.confirm({
    title: state === 'published' ? 'A bundle went out' : 'A bundle never goes out',
    rows: [
      ['bundle', held.file],
      ['sha256', sha256],
    ],
    changes: [`${bundleMarkPath(held.file, state)} is written`],
    warnings:
      state === 'withdrawn'
        ? [
            'Be sure that no client ever got it: what a client holds, the next bundles must follow. Destroy every copy.',
            ...withdrawalWarnings(authority, { file: held.file, sha256 }, atSeconds),
          ]
        : [],
  });
  applyChange(authority, {
    operation: `bundle ${state === 'withdrawn' ? 'withdraw' : 'published'}`,
    files: [{ path: bundleMarkPath(held.file, state), bytes: encodeBundleMark({ state, atSeconds, sha256 }) }],
    events: [{ event: 'bundle', fields: { state, sequence: held.number, sha256 } }],
    atSeconds,
    recordIn: context.recordIn,
  });
  return held;
}

/** The bundle that says the same, where what went out has signatures by roots of this authority, if other ones. */
function sayingTheSame({ authority, engines }: OperationContext, bytes: Uint8Array): HeldBundle | undefined {
  const named = attemptQuietly(() => decodeBundle(bytes));
  if (named === undefined) return undefined;
  const { payloadBytes, payload } = named;
  const held = authority.bundles.find((one) => equalBytes(decodeBundle(one.bytes).payloadBytes, payloadBytes));
  if (held === undefined) return undefined;
  const { roots, settings } = authority;
  acceptWhole(bytes, { roots, engines, asDomain: settings.domain, atSeconds: payload.issuedAt });
  return held;
}
