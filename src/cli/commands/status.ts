import { resolve } from 'node:path';
import { openAuthority } from '../../authority/authority.js';
import { formatTime } from '../../common/time.js';
import { KINDS } from '../../credential/kinds.js';
import { statusOf, type AuthorityStatus } from '../../operations/status.js';
import type { CommandModule } from '../command.js';
import { result } from '../output.js';
import { fields, printable, settingsLines, table } from '../render.js';
import { timeJson } from '../times.js';

function text(
  { asDomain, credentials, bundle, next, pending, settingsChanges = [] }: AuthorityStatus,
  dir: string,
  atSeconds: number,
): string {
  const rows = credentials.map(({ kind, fingerprint, state, issuingDeadline, notAfter, published }) => [
    KINDS[kind].title,
    fingerprint.slice(0, 16),
    state,
    formatTime(issuingDeadline),
    formatTime(notAfter),
    published ? 'yes' : 'no',
  ]);
  const parts = [
    `${asDomain}, in ${dir}, at ${formatTime(atSeconds)}\n`,
    rows.length === 0
      ? 'No credential yet.\n'
      : table(['credential', 'fingerprint', 'state', 'can issue until', 'valid until', 'in newest bundle'], rows),
    fields(
      bundle === undefined
        ? [['newest bundle', 'none']]
        : [
            ['newest bundle', `${bundle.file}, sequence ${String(bundle.sequence)}`],
            ['expires at', formatTime(bundle.expiresAt)],
          ],
      '',
    ),
    `Due:\n${fields(next.map(({ action, by }) => [by <= atSeconds ? 'now' : formatTime(by), action]))}`,
  ];
  if (settingsChanges.length > 0) {
    const lines = settingsLines(settingsChanges).join('\n').trimStart();
    parts.push(`${lines}\nThe next command that changes something shows this, and records it.\n`);
  }
  if (pending !== undefined) {
    parts.unshift(
      `A command was interrupted here (${printable(pending.files.join(', '))}); the next command that writes will have it ${pending.kind}.\n`,
    );
  }
  return parts.join('\n');
}

export const { define, run }: CommandModule = {
  define: () => undefined,
  run: async (context) => {
    const { atSeconds, dir } = context;
    const status = statusOf(await openAuthority(dir), atSeconds);
    const json = {
      as_domain: status.asDomain,
      credentials: status.credentials.map(
        ({ kind, file, fingerprint, state, issuingDeadline, notBefore, notAfter, published }) => ({
          kind,
          fingerprint,
          file: resolve(dir, file),
          state,
          published,
          ...timeJson('issuing_deadline', issuingDeadline),
          ...timeJson('not_before', notBefore),
          ...timeJson('not_after', notAfter),
        }),
      ),
      ...(status.bundle === undefined
        ? {}
        : {
            bundle: {
              file: resolve(dir, status.bundle.file),
              sequence: status.bundle.sequence,
              ...timeJson('issued_at', status.bundle.issuedAt),
              ...timeJson('expires_at', status.bundle.expiresAt),
            },
          }),
      next: status.next.map(({ action, by }) => ({ action, ...timeJson('by', by) })),
      ...(status.settingsChanges === undefined ? {} : { settings_changes: [...status.settingsChanges] }),
      ...(status.pending === undefined
        ? {}
        : { pending: { kind: status.pending.kind, files: [...status.pending.files] } }),
    };
    result(context.options, json, () => text(status, dir, atSeconds));
  },
};
