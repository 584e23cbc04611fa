/** From a command line to an operation: the lock, what a crash left, the questions. */
import { type LockedAuthority, withAuthority } from '../../authority/store.js';
import { refused } from '../../common/errors.js';
import {
  confirmWithSettings,
  type OperationContext,
  type Preview,
} from '../../operations/context/operation-context.js';
import { unfinishedEnds } from '../../operations/keys/key-notes.js';
import type { CommandContext } from '../program/context.js';
import { underSignals } from '../terminal/interrupt.js';
import { detail, note } from '../terminal/output.js';
import { explainPreview, previewText } from '../terminal/preview-text.js';
import { remarkText } from '../terminal/remedy-text.js';
import { printable } from '../terminal/render.js';
import { secretsOf } from '../terminal/secrets.js';
import { err } from '../terminal/streams.js';
import { hsmMeans } from './hsm-means.js';
import { onLedger } from './ledger-memory.js';

/**
 * Runs `action` on the authority of the command line, locked and recovered. Errors: those of `withAuthority`, and of
 * the action.
 */
export async function runOperation<T>(
  context: CommandContext,
  command: string,
  action: (operation: OperationContext) => Promise<T>,
): Promise<T> {
  const { dir, atSeconds, random, buildSeconds, writer } = context;
  const engines = await context.engines();
  const secrets = secretsOf(context);
  const identity = { hostName: writer.hostName, atSeconds, random };
  return underSignals((until) =>
    withAuthority(dir, command, identity, (locked) => {
      sayWhatWasFound(context, locked);
      const { authority } = locked;
      return onLedger(context, authority, until, ({ said, noted }) => {
        const confirm = confirmWithSettings(authority, (preview) => confirmPreview(context, preview), [...said]);
        const hsm = hsmMeans(context, authority.settings);
        const operation = { authority, atSeconds, random, engines, buildSeconds, secrets, hsm, confirm };
        return until(() => action({ ...operation, recordIn: { writer, noted } }));
      });
    }),
  );
}

export function sayWhatWasFound(
  { options }: CommandContext,
  { authority, recovery, takenOverFrom }: LockedAuthority,
): void {
  const { dir, roots, intermediates, bundles, transcripts } = authority;
  const count = `${String(roots.length)} roots, ${String(intermediates.length)} intermediates, ${String(bundles.length)} bundles`;
  detail(options, `authority ${dir}: ${count}; head of the newest transcript ${transcripts.head}`);
  if (takenOverFrom !== undefined) {
    note(
      options,
      `note: the process that held the lock is dead (${printable(takenOverFrom.command)}, process ${String(takenOverFrom.pid)}, since ${printable(takenOverFrom.since)}); its lock was taken over`,
    );
  }
  for (const one of unfinishedEnds(authority)) note(options, `note: ${printable(remarkText(one, options))}`);
  if (recovery === undefined) return;
  const what =
    recovery.kind === 'completed'
      ? `an interrupted ${printable(recovery.operation ?? 'command')} was completed`
      : 'an interrupted command was undone';
  note(options, `note: ${what} (${printable(recovery.files.join(', '))})`);
}

/**
 * Shows what is about to be signed, and returns if the person types yes, or the words (unless --yes replaces them).
 * Errors: `declined`, `usage` without a terminal.
 */
export async function confirmPreview({ options, terminal }: CommandContext, preview: Preview): Promise<void> {
  const { words, typed = false } = preview;
  if (options.yes === true && !typed) {
    note(options, previewText(options, preview, err));
    return;
  }
  explainPreview(terminal, options, preview);
  const question = 'Is every line right, and should this go ahead';
  const agreed =
    words === undefined
      ? await terminal.askYes(question)
      : (await terminal.askLine(`${question} (type: ${words})`)) === words;
  if (!agreed) {
    throw refused('declined', `the answer was not ${words ?? 'yes'}; nothing was signed or written`, {
      hint: 'Run it again with the options that you want to change.',
    });
  }
}
