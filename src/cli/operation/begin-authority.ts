/** Makes a new authority, or completes one that an interrupted `init` was making if a person who saw it agrees. */
import { initAuthority, type NewAuthority } from '../../authority/init-authority.js';
import { howElse, type InterruptedInit, interruptedInit, unfinishedInit } from '../../authority/interrupted-init.js';
import type { Applied } from '../../authority/store.js';
import { formatTime } from '../../common/time.js';
import type { CommandContext } from '../program/context.js';
import { underSignals, untilInterrupted } from '../terminal/interrupt.js';
import { confirmPreview } from './run-operation.js';

const WORDS = 'complete it';

/**
 * Makes the authority. Errors: those of `initAuthority`; `authority-unfinished` if nobody can be asked or it is of
 * another domain; `declined`.
 */
export async function beginAuthority(
  context: CommandContext,
  dir: string,
  begin: Omit<NewAuthority, 'atSeconds' | 'writer' | 'journal'>,
): Promise<Applied> {
  const { atSeconds, random, writer } = context;
  const found = interruptedInit(dir);
  if (found !== undefined) {
    if (found.domain !== begin.domain || !context.terminal.isPresent) throw unfinishedInit(dir, found);
    await untilInterrupted(() => askAbout(context, dir, found));
  }
  const made = { ...begin, atSeconds, writer, journal: found?.sha256 ?? '' };
  return underSignals(() =>
    Promise.resolve(initAuthority(dir, made, { hostName: writer.hostName, atSeconds, random })),
  );
}

/** Asks in typed words, which `--yes` does not replace. */
async function askAbout(context: CommandContext, dir: string, found: InterruptedInit): Promise<void> {
  const { domain, machine, atSeconds, files, usualSettings } = found;
  await confirmPreview(context, {
    title: 'An init that was interrupted',
    rows: [
      ['folder', dir],
      ['domain', domain],
      ['begun', `${formatTime(atSeconds)} on ${machine}`],
      [
        'authority.yaml',
        usualSettings ? 'as init writes it' : 'NOT as init writes it: look at it before anything is signed',
      ],
    ],
    changes: files.map((path) => `${path} gets its name`),
    warnings: [`Whoever can write that folder could have put it there. ${howElse(dir)}`],
    words: WORDS,
    typed: true,
  });
}
