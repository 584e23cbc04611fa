/** What the authority's records show to be due: interrupted work, revocations that no bundle lists, commitments. */
import type { Authority } from '../../authority/authority.js';
import { toHex } from '../../common/bytes.js';
import type { PastBundle } from '../lifecycle/bundle-history.js';
import type { DueAction } from './due.js';
import { commitmentsDue, type CommitmentsFound } from './due-commitments.js';

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
      action: `resume the ceremony of ${file}, which has no end yet; or end it for good`,
      command: { command: 'resume' },
      instead: { command: 'resume', options: { abort: true } },
      by: atSeconds,
    });
  }
  return due;
}

/** Returns what is due. `base` is the newest bundle that was not withdrawn. */
export function recordsDue(authority: Authority, base: PastBundle, found: CommitmentsFound): DueAction[] {
  return [...unsaidRevocations(authority, base), ...commitmentsDue(authority, base, found)];
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
      action: `sign and publish a bundle with ${what}: clients don't know of it yet`,
      command: { command: 'bundle export' },
      by: unsaid.reduce((first, { revokedAtSeconds }) => Math.min(first, revokedAtSeconds), first.revokedAtSeconds),
    },
  ];
}
