/** What a person agrees to, as the terminal shows it. */
import type { Preview } from '../../operations/context/operation-context.js';
import type { GlobalOptions } from '../program/context.js';
import { paint } from './output.js';
import { remarkText } from './remedy-text.js';
import { columnsOf, fields, headed, printable, settingsLines } from './render.js';
import { err } from './streams.js';

/** What is agreed to, below how far the record is vouched for and what changed in authority.yaml; warnings last. */
export function previewText(
  options: GlobalOptions,
  { title, rows, changes, warnings = [], settings = [], record = [] }: Preview,
): string {
  const style = paint(options, err);
  return [
    ...settingsLines(settings, (text) => style('yellow', text)),
    ...headed(style('yellow', 'The record:'), record),
    `\n${style('bold', printable(title))}\n`,
    fields(rows, '  ', columnsOf(err)),
    `Then:\n${changes.map((change) => `  - ${printable(change)}`).join('\n')}`,
    ...warnings.map((warning) => style('yellow', `warning: ${printable(remarkText(warning, options))}`)),
    '',
  ].join('\n');
}
