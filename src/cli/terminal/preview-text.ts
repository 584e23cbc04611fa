/** What a person agrees to, as the terminal shows it. */
import type { Preview } from '../../operations/context/operation-context.js';
import type { GlobalOptions } from '../program/context.js';
import { remarkText } from './remedy-text.js';
import { columnsOf, fields, headed, painter, printable, settingsLines } from './render.js';
import type { OutStream } from './streams.js';

/** What is agreed to, below how far the record is vouched for and what changed in authority.yaml; warnings last. */
export function previewText(
  options: GlobalOptions,
  { title, rows, changes, warnings = [], settings = [], record = [] }: Preview,
  stream: OutStream,
): string {
  const style = painter(stream, options.color !== false);
  return [
    ...settingsLines(settings, (text) => style('yellow', text)),
    ...headed(style('yellow', 'The record:'), record),
    `\n${style('bold', printable(title))}\n`,
    fields(rows, '  ', columnsOf(stream)),
    `Then:\n${changes.map((change) => `  - ${printable(change)}`).join('\n')}`,
    ...warnings.map((warning) => style('yellow', `warning: ${printable(remarkText(warning, options))}`)),
    '',
  ].join('\n');
}
