/** What `status --json` prints. */
import { resolve } from 'node:path';
import { formatDuration, timeJson } from '../../common/time.js';
import type { AuthorityStatus } from '../../operations/status/authority-status.js';
import { type DueAction, isOverdue } from '../../operations/status/due.js';
import { remarkText } from '../terminal/remedy-text.js';
import { dueArguments } from './due-command.js';

export function statusJson(status: AuthorityStatus, dir: string, atSeconds: number) {
  const {
    asDomain,
    credentials,
    bundle,
    schedule,
    ceremonyEvery,
    next,
    pending,
    keyNotes,
    bundleNotes,
    settingsChanges,
  } = status;
  return {
    as_domain: asDomain,
    ...timeJson('at', atSeconds),
    credentials: credentials.map((one) => ({
      kind: one.kind,
      fingerprint: one.fingerprint,
      file: resolve(dir, one.file),
      state: one.state,
      published: one.published,
      ...(one.reserve ? { reserve: true } : {}),
      ...timeJson('issuing_deadline', one.issuingDeadline),
      ...timeJson('not_before', one.notBefore),
      ...timeJson('not_after', one.notAfter),
    })),
    ...(bundle === undefined
      ? {}
      : {
          bundle: {
            file: resolve(dir, bundle.file),
            sequence: bundle.sequence,
            ...timeJson('issued_at', bundle.issuedAt),
            ...timeJson('expires_at', bundle.expiresAt),
          },
        }),
    bundles: schedule.bundles.map(({ file, sequence, issuedAt, expiresAt, mark, phase }) => ({
      file: resolve(dir, file),
      sequence,
      stage: phase,
      on_record: mark ?? null,
      ...timeJson('issued_at', issuedAt),
      ...timeJson('expires_at', expiresAt),
    })),
    service: {
      ...(schedule.publishedUntil === undefined ? {} : timeJson('published_until', schedule.publishedUntil)),
      ...(schedule.servedUntil === undefined ? {} : timeJson('served_until', schedule.servedUntil)),
      gaps: schedule.gaps.map(({ from, until }) => ({ ...timeJson('from', from), ...timeJson('until', until) })),
      missed_ceremonies: schedule.missedCeremonies,
      ceremony_every: formatDuration(ceremonyEvery),
    },
    next: next.map((due) => dueJson(due, dir, atSeconds)),
    ...(keyNotes.length === 0 ? {} : { key_notes: keyNotes.map((one) => remarkText(one, { dir })) }),
    ...(bundleNotes.length === 0 ? {} : { bundle_notes: [...bundleNotes] }),
    ...(settingsChanges === undefined ? {} : { settings_changes: [...settingsChanges] }),
    ...(pending === undefined ? {} : { pending: { kind: pending.kind, files: [...pending.files] } }),
  };
}

function dueJson(due: DueAction, dir: string, atSeconds: number) {
  const command = dueArguments(due.command, dir);
  const instead = dueArguments(due.instead, dir);
  return {
    kind: due.kind,
    action: due.action,
    ...(command === undefined ? {} : { command: [...command] }),
    ...(instead === undefined ? {} : { instead: [...instead] }),
    ...(due.from === undefined ? {} : timeJson('from', due.from)),
    ...timeJson('by', due.by),
    overdue: isOverdue(due, atSeconds),
  };
}
