/** The warnings, and the words to type, before an authority begins with a bundle. */
import type { BundlePayload } from '../../bundle/payload.js';
import { toHex } from '../../common/bytes.js';
import { type Remark, remark } from '../../common/remedy.js';
import { fingerprintOf } from '../../credential/fingerprint-of.js';

/**
 * Returns the warnings. `but` is what clients would say about the bundle now; `newest` is set if nobody gives a floor.
 */
export function warningsFor(
  payload: BundlePayload,
  pins: readonly Uint8Array[],
  but: 'bundle-expired' | 'not-yet-valid' | undefined,
  newest: boolean,
): Remark[] {
  return [
    ...endedIn(payload, pins).map(endedWarning(payload)),
    ...unnamedIn(payload, pins).map(unnamedWarning),
    ...(newest
      ? [
          remark(
            'If any bundle with a higher sequence was ever signed, the next one must be numbered above it, or clients refuse it as a rollback. Give the highest.',
            { option: 'sequence-floor' },
          ),
        ]
      : [
          'Bundles between are lost. What they revoked must be revoked again before the next export, or clients that hold them refuse it.',
        ]),
    'What was revoked, issued or decided after this bundle is not in it.',
    ...(but === 'bundle-expired' ? ['It has expired: clients have had nothing valid since.'] : []),
    ...(but === 'not-yet-valid' ? ['It begins later: it is of a series signed ahead, or this clock is behind.'] : []),
  ];
}

export const FLOOR = 'Name the highest sequence that was ever signed, such as 12.';
export const AHEAD =
  'Check the clock. If it is right, no client accepts this bundle yet, and none could follow it: begin with the one that clients hold.';
export const NEWEST = 'this is the newest bundle';
export const EXPIRED = 'it has expired';
export const ENDED = 'a root that I trust has ended';
export const UNNAMED = 'a root that I do not name is listed';

/** Returns listed roots (hex) that nobody named: whoever has the key of a pinned one may have added them. */
export function unnamedIn({ asCredentials }: BundlePayload, pins: readonly Uint8Array[]): readonly string[] {
  const named = new Set(pins.map(toHex));
  return asCredentials.map((root) => toHex(fingerprintOf(root))).filter((one) => !named.has(one));
}

function unnamedWarning(fingerprint: string): Remark {
  return remark(
    `The bundle lists the root ${fingerprint}, which you do not name: a thief of another root may have added it. Compare it with paper, and name it too; of two or more, say how many must have signed.`,
    { option: 'trust', value: fingerprint },
    { option: 'threshold' },
  );
}

/**
 * Returns pinned roots (hex) that the bundle no longer lists: whoever has the key of another one may have done that.
 */
export function endedIn({ asCredentials }: BundlePayload, pins: readonly Uint8Array[]): readonly string[] {
  const listed = new Set(asCredentials.map((root) => toHex(fingerprintOf(root))));
  return [...new Set(pins.map(toHex))].filter((pin) => !listed.has(pin));
}

function endedWarning({ revokedCerts }: BundlePayload): (pin: string) => string {
  const revoked = new Map(revokedCerts.map(({ fingerprint, reason }) => [toHex(fingerprint), reason]));
  return (pin) => {
    const reason = revoked.get(pin);
    const how = reason === undefined ? 'it is no longer listed' : `it is revoked (${reason})`;
    return `The root ${pin}, which you name, has ended in this bundle: ${how}. If that is news to you, a thief of another root may have made it.`;
  };
}
