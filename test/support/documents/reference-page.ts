/** How a page of docs/reference/ is put together. */
const MADE = '<!-- Made from the program by npm run reference. -->';
export const page = (title: string, ...parts: readonly string[]): string =>
  `# ${title}\n\n${MADE}\n\n${parts.join('\n\n')}\n`;
export const code = (text: string): string => `\`${text}\``;
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}
