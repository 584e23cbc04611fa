/** What a person agrees to, as the terminal shows it. */
import { counted } from '../../common/counted.js';
import type { Remark } from '../../common/remedy.js';
import type { Preview } from '../../operations/context/operation-context.js';
import type { GlobalOptions } from '../program/context.js';
import { remarkText } from './remedy-text.js';
import { columnsOf, fields, headed, painter, printable, settingsLines } from './render.js';
import type { OutStream } from './streams.js';
import type { Terminal } from './terminal.js';

/** How many rows stand above the question, if a preview does not say which. */
const FEW = 6;

/** Shows a preview for a question; what matters most stands right above that if all of it is longer than the screen. */
export function explainPreview(terminal: Terminal, options: GlobalOptions, preview: Preview): void {
  if (terminal.explain((stream) => previewText(options, preview, stream))) return;
  terminal.explain((stream) => briefText(options, preview, stream), 'a page');
}

/** Title, counts, periods and all warnings. */
function briefText(
  options: GlobalOptions,
  { title, rows, brief = rows.slice(0, FEW), changes, warnings = [] }: Preview,
  stream: OutStream,
): string {
  const style = painter(stream, options.color !== false);
  return [
    style('bold', printable(title)),
    fields(
      [...brief, ['shown above', `${counted(rows.length, 'line')}, ${counted(changes.length, 'change')}`]],
      '  ',
      columnsOf(stream),
    ),
    ...warningLines(options, warnings, style),
  ]
    .join('\n')
    .trimEnd();
}

function warningLines(
  options: GlobalOptions,
  warnings: readonly Remark[],
  style: ReturnType<typeof painter>,
): readonly string[] {
  return warnings.map((warning) => style('yellow', `warning: ${printable(remarkText(warning, options))}`));
}

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
    ...warningLines(options, warnings, style),
    '',
  ].join('\n');
}
