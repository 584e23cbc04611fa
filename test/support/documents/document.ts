/** The documents and the examples in them: found, and made comparable with what a run prints. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

export interface Step {
  readonly command: string;
  /** What the document shows below the command; nothing for `sh` blocks. */
  readonly shown: string;
}

export interface Block {
  /** Of its opening fence, from 1. */
  readonly line: number;
  readonly language: string;
  /** The HTML comment right above the fence: where it runs, or what it needs. */
  readonly note: string;
  readonly text: string;
  readonly steps: readonly Step[];
}

export interface Document {
  /** From the project's root. */
  readonly path: string;
  readonly text: string;
  /** Where its examples begin: in an empty home, or where the ceremony of README.md ended. */
  readonly begins: 'empty' | 'after the first ceremony';
  readonly blocks: readonly Block[];
}

/** Every document that a reader of the project has, README.md first. */
export const DOCUMENTS: readonly string[] = [
  'README.md',
  ...readdirSync(ROOT).filter((name) => name.endsWith('.md') && name !== 'README.md'),
  ...(readdirSync(`${ROOT}docs`, { recursive: true }) as string[])
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`)
    .sort(),
];

export function documentAt(path: string): Document {
  const text = readFileSync(`${ROOT}${path}`, 'utf8');
  const begins = text.includes('\n<!-- examples: after the first ceremony -->\n')
    ? 'after the first ceremony'
    : 'empty';
  return { path, text, begins, blocks: blocksOf(path, text) };
}

function blocksOf(path: string, markdown: string): Block[] {
  const lines = markdown.split('\n');
  const blocks: Block[] = [];
  for (let i = 0; i < lines.length; i++) {
    const language = /^```([a-z]*)$/.exec(lines[i] ?? '')?.[1];
    if (language === undefined) continue;
    const end = lines.indexOf('```', i + 1);
    if (end < 0) throw new Error(`${path}:${String(i + 1)}: a block without an end`);
    const body = lines.slice(i + 1, end);
    const note = /^<!-- (.*) -->$/.exec(lines[i - 1] ?? '')?.[1] ?? '';
    const text = body.join('\n');
    blocks.push({
      line: i + 1,
      language,
      note,
      text,
      steps: language === 'console' ? stepsOf(body) : [{ command: text, shown: '' }],
    });
    i = end;
  }
  return blocks;
}

/** `$ command`, going on after a backslash or with `> `, then what it prints. */
function stepsOf(body: readonly string[]): Step[] {
  const steps: { command: string; shown: string[] }[] = [];
  let goesOn = false;
  for (const line of body) {
    const last = steps.at(-1);
    if (goesOn && last !== undefined) last.command += `\n${line}`;
    else if (line.startsWith('> ') && last?.shown.length === 0) last.command += `\n${line.slice(2)}`;
    else if (line.startsWith('$ ')) steps.push({ command: line.slice(2), shown: [] });
    else if (last === undefined) throw new Error(`a console block begins with ${line}`);
    else last.shown.push(line);
    goesOn = (goesOn || line.startsWith('$ ')) && line.endsWith('\\');
  }
  return steps.map(({ command, shown }) => ({ command, shown: shown.join('\n') }));
}

/** Whether a person answers something in what is shown. */
export function isInteractive({ steps }: Block): boolean {
  return steps.some(({ shown }) => /^(\? |Enter passphrase)/m.test(shown));
}

/**
 * What differs from run to run, made equal (the size of a QR code too); `home` is the folder that documents call
 * /home/anna.
 */
export function normalise(text: string, home: string): string {
  return (
    stripVTControlCharacters(text)
      .replaceAll('\r', '')
      .replaceAll(home, '/home/anna')
      .replace(/[0-9a-f]{16,}/g, (hex) => 'h'.repeat(hex.length))
      .replace(/([0-9a-f]{4} ){7}[0-9a-f]{4}/g, 'hex groups')
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'YYYY-MM-DDTHH:MM:SSZ')
      .replace(/(_unix":)\d+/g, '$10')
      .replace(/\(\d+ days\)/g, '(n days)')
      // What differs between versions of SoftHSM, and where the vendor's link to it leads.
      .replace(/(firmware +|PKCS11 )\d+\.\d+/g, '$1N.N')
      .replace(/\/usr\/lib\/(\w+-linux-gnu\/)?softhsm\//g, '/usr/lib/softhsm/')
      .replace(/^ {4}[a-z]+(-[a-z]+){3}-?$/gm, '    words of a passphrase')
      .replace(/^ {4}[A-Za-z]+( [A-Za-z]+){3}$/gm, '    four words')
      .replace(/^[ █▀▄]*[█▀▄][ █▀▄]*$/gm, 'modules')
      .replace(/^(\S+( \d+)? +)[<|=][-<|=D>]*$/gm, '$1bar')
      .replace(/^ +\d{4}-\d\d( +\d{4}-\d\d)*$/gm, 'months')
      .split('\n')
      .map((line) => line.trimEnd())
      .filter((line, i, all) => line !== '' && !(line === 'modules' && all[i - 1] === 'modules'))
      .join('\n')
  );
}

/** The cells of the table below a heading, its head left out. */
export function tableBelow({ path, text }: Document, heading: string): string[][] {
  const section = text.split(`\n${heading}\n`)[1]?.split(/\n#+ /)[0];
  if (section === undefined) throw new Error(`${path} has no heading ${heading}`);
  const rows = section.split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((row) =>
    row
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim().replaceAll('\\|', '|')),
  );
}
