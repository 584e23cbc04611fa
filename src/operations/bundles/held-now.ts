/**
 * Checks a bundle that clients hold now, as a person got it from a client or from the AS: is it ours, and is it the
 * newest?
 */
import type { NewEvent } from '../../authority/events/event.js';
import { inAuthority } from '../../authority/ground/layout.js';
import { decodeBundle } from '../../bundle/bundle.js';
import { payloadHash } from '../../bundle/payload.js';
import { equalBytes, toHex } from '../../common/bytes.js';
import { CeremonyError, refused, retold } from '../../common/errors.js';
import { remark, type Remedy } from '../../common/remedy.js';
import { formatTime } from '../../common/time.js';
import { fingerprintOf } from '../../credential/fingerprint-of.js';
import { hash } from '../../crypto/hash.js';
import { acceptBundle, type AcceptedBundle, type HeldTrust } from '../../verify/accept-bundle.js';
import type { OperationContext, Preview } from '../context/operation-context.js';
import { type PastBundle, withForgeries } from '../lifecycle/bundle-history.js';

/** A bundle in a file that a person names. */
export interface NamedBundle {
  /** As the person wrote it. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface HeldNow extends Required<Pick<Preview, 'rows' | 'warnings'>> {
  /** For the transcript. */
  readonly events: readonly NewEvent[];
}

/** Returns the bundle on record with exactly this payload. Error: `bundle-malformed`. */
export function onRecord(history: readonly PastBundle[], { name, bytes }: NamedBundle): PastBundle | undefined {
  const { payloadBytes } = naming(name, () => decodeBundle(bytes));
  return history.find((one) => equalBytes(one.payloadBytes, payloadBytes));
}

/**
 * Checks that the bundle which clients hold now is on record here, and that nothing newer may have been published. A
 * newer bundle that is not marked as published does no harm: it is assumed to be held anyway. Errors: `not-newest`,
 * `not-yet-valid`; the codes of accepting a bundle if no client of this authority accepts it.
 */
export function checkHeldNow(
  context: OperationContext,
  own: readonly PastBundle[],
  last: NamedBundle | undefined,
): HeldNow {
  if (last === undefined) return { rows: [], warnings: [], events: [] };
  const history = withForgeries(context.authority, own);
  const known = onRecord(history, last);
  if (known === undefined) throw notMadeHere(last, takenBy(context, history, last).bundle);
  const { sequence, issuedAt } = known.payload;
  const number = `bundle ${String(sequence)}`;
  if (known.mark?.state === 'withdrawn') {
    throw notNewest(
      `${last.name} is ${number}, which is on record as withdrawn: if clients hold it, the record is wrong`,
      'Its number and its revocations still count. Find out what clients hold, and name that.',
    );
  }
  if (context.atSeconds < issuedAt) {
    throw refused(
      'not-yet-valid',
      `${last.name} is ${number}, and no client accepts it before ${formatTime(issuedAt)}`,
      {
        hint: 'Name the bundle that the AS serves now.',
      },
    );
  }
  const newer = history.filter(({ payload, mark }) => payload.sequence > sequence && mark?.state !== 'withdrawn');
  const out = newer.findLast(({ mark, forged }) => mark?.state === 'published' || forged === true);
  if (out !== undefined) {
    throw notNewest(
      `${last.name} is ${number}, and clients may hold ${out.file}, bundle ${String(out.payload.sequence)}, which is newer`,
      'Name the bundle that the AS serves now. If it serves an older one again, publish the newest.',
    );
  }
  const begun = newer.filter(({ payload }) => payload.issuedAt <= context.atSeconds);
  const sha256 = toHex(hash('sha256', last.bytes));
  return {
    rows: [['clients hold', `${number} (${known.file})`]],
    warnings: begun.map(({ file, payload }) =>
      remark(
        `${file}, bundle ${String(payload.sequence)}, is newer than what clients hold, and nothing says that it went out: it counts as held all the same. If it never goes out, put that on record first.`,
        { command: 'bundle withdraw', args: [inAuthority(context.authority.dir, file)] },
      ),
    ),
    events: [
      {
        event: 'held',
        fields: {
          what: 'bundle',
          sequence,
          bundle_sha256: sha256,
          payload_sha256: toHex(payloadHash(known.payloadBytes)),
        },
      },
    ],
  };
}

/**
 * Accepts it as clients do that hold the newest bundle here, or an older one that is still on record; if there is none,
 * as a client that pinned the roots. Errors: the codes of accepting a bundle, as for the first of these clients.
 */
export function takenBy(
  { authority, engines }: OperationContext,
  history: readonly PastBundle[],
  { name, bytes }: NamedBundle,
): { readonly bundle: AcceptedBundle; readonly holder: PastBundle | undefined } {
  const roots = authority.roots.map(({ credential }) => credential);
  const { payload } = naming(name, () => decodeBundle(bytes));
  const accept = (held: HeldTrust): AcceptedBundle =>
    acceptBundle({
      bundle: bytes,
      held,
      known: roots,
      // Whether it has expired, or has begun, is checked elsewhere.
      atSeconds: payload.issuedAt,
      expectedDomain: authority.settings.domain,
      engines,
    });
  const holders = history.filter(({ mark }) => mark?.state !== 'withdrawn').toReversed();
  const newest = holders[0];
  if (newest === undefined)
    return { bundle: naming(name, () => accept({ pins: roots.map(fingerprintOf), threshold: 1 })), holder: undefined };
  const first = attempt(() => accept({ last: newest.encoded }));
  if (!(first instanceof CeremonyError)) return { bundle: first, holder: newest };
  for (const holder of holders.slice(1)) {
    const bundle = attempt(() => accept({ last: holder.encoded }));
    if (!(bundle instanceof CeremonyError)) return { bundle, holder };
  }
  throw retold(
    first,
    `${name}: clients that hold bundle ${String(newest.payload.sequence)}, the newest here, refuse it: ${first.message}`,
    {
      hint: 'Name the bundle that clients of this authority hold now. If it is that one, this folder is another authority, or an old copy of it: nothing is signed on top of that.',
    },
  );
}

function notMadeHere({ name }: NamedBundle, { sequence }: AcceptedBundle): CeremonyError {
  return notNewest(
    `${name} is a bundle ${String(sequence)} that is not on record here, and clients accept it`,
    'Either this folder is an old copy: continue in the newest one, or take over what that one has. Or a root is stolen, and somebody else signed it: put that on record first.',
    { command: 'ledger receive', args: ['COPY-OF-THE-OTHER-SITE'] },
    { command: 'bundle forged', args: [name] },
  );
}

function notNewest(message: string, hint: string, ...remedies: readonly Remedy[]): CeremonyError {
  return refused('not-newest', message, { hint, remedies });
}

function attempt<T>(action: () => T): T | CeremonyError {
  try {
    return action();
  } catch (error) {
    if (error instanceof CeremonyError && error.code !== 'engines-disagree') return error;
    throw error;
  }
}

/** Puts the file's name before the message of an error. */
function naming<T>(name: string, action: () => T): T {
  const result = attempt(action);
  if (!(result instanceof CeremonyError)) return result;
  throw retold(result, `${name}: ${result.message}`);
}
