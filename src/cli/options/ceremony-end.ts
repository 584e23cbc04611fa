/** What a ceremony prints at its end: the head to write down, and who signs the transcript with which command. */
import { hexGroups } from '../../common/groups.js';
import type { GlobalOptions } from '../program/context.js';
import { commandLine } from '../terminal/remedy-text.js';

interface End {
  /** Absolute. */
  readonly transcript: string;
  readonly head: string;
  /** Principals. */
  readonly toSign: readonly string[];
}

/** Returns the text. `first` says what ended; `more` are lines of two columns below the transcript. */
export function endText(
  options: GlobalOptions,
  first: string,
  { transcript, head, toSign }: End,
  more: readonly string[] = [],
): string {
  const command = (principal: string): string =>
    `  ${commandLine({ command: 'transcript sign', args: [transcript], options: { as: principal } }, options.dir)}`;
  const who =
    toSign.length === 0
      ? ['Witnesses sign it, here or on a machine of their own:', command('PRINCIPAL')]
      : ['These must sign it, here or on a machine of their own:', ...toSign.map(command)];
  return [
    first,
    '',
    `  transcript  ${transcript}`,
    `  head        ${head}`,
    ...more,
    '',
    'Write the head down on paper, and compare it before you sign:',
    ...hexGroups(head).map((line) => `    ${line}`),
    '',
    ...who,
    '',
  ].join('\n');
}
