/** What the authority's records say has to be done: interrupted work, revocations that no bundle says, commitments that are used up. */
import { toHex } from '../common/bytes.js';
import type { Authority } from '../authority/authority.js';
import type { DueAction } from './due.js';
import type { PastBundle } from './history.js';
import { commitmentTo } from './reserve.js';

export function interruptionDue({ pending, transcripts }: Authority, atSeconds: number): DueAction[] {
  const due: DueAction[] = [];
  if (pending !== undefined) {
    const what = pending.operation === undefined ? 'the interrupted command' : `the interrupted "${pending.operation}"`;
    due.push({
      kind: 'interrupted',
      subject: '',
      action: `have ${what} ${pending.kind} (${pending.files.join(', ')}): the next command that writes does it`,
      by: atSeconds,
    });
  }
  if (transcripts.incomplete) {
    const file = transcripts.files.at(-1) ?? '';
    due.push({
      kind: 'unfinished-transcript',
      subject: file,
      action: `go on with the ceremony of ${file}, which has no end yet; or end it for good, with --abort`,
      command: { words: ['resume'] },
      instead: { words: ['resume', '--abort'] },
      by: atSeconds,
    });
  }
  return due;
}

/** `base` is the newest bundle that stands. */
export function recordsDue(
  authority: Authority,
  base: PastBundle,
  { servedUntil, atSeconds }: { readonly servedUntil: number | undefined; readonly atSeconds: number },
): DueAction[] {
  return [...unsaidRevocations(authority, base), ...commitmentsDue(authority, base, servedUntil, atSeconds)];
}

function unsaidRevocations({ revocations }: Authority, { payload }: PastBundle): DueAction[] {
  const said = new Set(payload.revokedCerts.map(({ fingerprint }) => toHex(fingerprint)));
  const unsaid = revocations.filter(({ fingerprint }) => !said.has(toHex(fingerprint)));
  const [first] = unsaid;
  if (first === undefined) return [];
  const what =
    unsaid.length === 1
      ? `the revocation of ${toHex(first.fingerprint).slice(0, 16)}`
      : `${String(unsaid.length)} revocations`;
  return [
    {
      kind: 'revocation',
      subject: '',
      action: `sign and publish a bundle that says ${what}: clients don't know of it`,
      command: { words: ['bundle', 'export'] },
      by: unsaid.reduce((first, { revokedAtSeconds }) => Math.min(first, revokedAtSeconds), first.revokedAtSeconds),
    },
  ];
}

/** A commitment protects while its key lies unused elsewhere; when all keys are listed roots, a thief of one changes the roots. */
function commitmentsDue(
  { roots, reserves }: Authority,
  { payload }: PastBundle,
  servedUntil: number | undefined,
  atSeconds: number,
): DueAction[] {
  const listed = new Set(payload.asCredentials.map((root) => toHex(commitmentTo(root))));
  const committed = new Set(payload.nextRoots.map(toHex));
  const isUsed = [...committed].every((one) => listed.has(one));
  const by = servedUntil ?? atSeconds;
  const command = { words: ['bundle', 'export'] };
  const waiting = roots
    .filter(({ fingerprint }) => reserves.has(fingerprint))
    .map(({ credential, ...root }) => ({ ...root, commitment: toHex(commitmentTo(credential)) }))
    .filter(({ commitment }) => !listed.has(commitment) && !committed.has(commitment));
  // Clients take another commitment only from a root that they hold one to.
  if (waiting.length > 0 && isUsed) {
    return waiting.map(({ file, fingerprint }) => {
      const action = `sign and publish a bundle that commits to ${file}, which is in reserve`;
      return { kind: 'commitment', subject: fingerprint, action, command, by } satisfies DueAction;
    });
  }
  if (committed.size === 0 || !isUsed) return [];
  return [
    {
      kind: 'commitment',
      subject: '',
      action:
        'make a root in reserve, and commit to it: every key that the bundles commit to is in use, and whoever steals that root can change the roots',
      command: { words: ['root', 'rotate', '--reserve'] },
      by,
    },
  ];
}
