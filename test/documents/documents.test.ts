/**
 * What holds of all documents together: links lead somewhere, nothing is too long, and every command is among the
 * examples.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { COMMANDS } from '../../src/cli/commands/command-list.js';
import { MEANINGS } from '../../src/common/codes.js';
import { type Document, documentAt, DOCUMENTS, ROOT } from '../support/documents/document.js';

/** Six lines of 120 columns. */
const LONGEST_PARAGRAPH = 720;
const documents = DOCUMENTS.map(documentAt);

/** As GitHub makes them of headings. */
function anchorsOf({ text }: Document): Set<string> {
  const headings = withoutCode(text).matchAll(/^#+ (.*)$/gm);
  return new Set(
    Array.from(headings, ([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

const withoutCode = (text: string): string => text.replace(/^```[^]*?^```$/gm, '');
const withoutSpans = (text: string): string => withoutCode(text).replace(/`[^`\n]+`/g, '');

describe.each(documents.map((document) => [document.path, document] as const))('%s', (path, document) => {
  test('links lead to what is there', () => {
    const links = [...withoutSpans(document.text).matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => link);
    for (const link of links.filter((one) => !/^https?:/.test(one))) {
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? path : normalize(join(dirname(path), file));
      expect({ link, there: existsSync(join(ROOT, target)) }).toEqual({ link, there: true });
      if (anchor !== undefined) expect([...anchorsOf(documentAt(target))]).toContain(anchor);
    }
  });

  test('no paragraph has more than six lines', () => {
    const paragraphs = withoutCode(document.text)
      .split(/\n\n|\n(?=\s*(?:-|\d+\.) )/)
      .filter((one) => !/^\s*(\||#)/.test(one));
    expect(paragraphs.filter((one) => one.length > LONGEST_PARAGRAPH)).toEqual([]);
  });
});

test('README.md is read in a few minutes, and leads to every other document', () => {
  const [readme] = documents;
  expect(readme?.text.split('\n').length).toBeLessThan(250);
  const linked = (path: string): boolean => {
    const folder = dirname(path).startsWith('docs/') ? dirname(path) : path;
    return readme?.text.includes(`](${folder}`) === true;
  };
  expect(DOCUMENTS.slice(1).filter((path) => !linked(path))).toEqual([]);
});

test('npm scripts that documents name are there', () => {
  const { scripts } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as { scripts: object };
  const named = documents.flatMap(({ text }) =>
    Array.from(text.matchAll(/npm run ([a-z:]+)/g), ([, name = '']) => name),
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});

test.each(COMMANDS.map(({ name }) => name))('%s is among the examples', (name) => {
  const commands = documents.flatMap(({ blocks }) =>
    blocks.flatMap(({ steps }) => steps.map(({ command }) => command)),
  );
  const called = new RegExp(`(as-ceremony|\\$\\w+)( -C \\S+)? ${name}( |$)`, 'm');
  expect(commands.some((command) => called.test(command))).toBe(true);
});

test('every code of the table is one that the program gives', () => {
  const sources = (readdirSync(`${ROOT}src`, { recursive: true }) as string[])
    .filter((name) => name.endsWith('.ts') && name !== 'common/codes.ts')
    .map((name) => readFileSync(`${ROOT}src/${name}`, 'utf8'))
    .concat(readFileSync(`${ROOT}bin/as-ceremony.js`, 'utf8'))
    .join('\n');
  const given = (code: string): boolean => sources.includes(`'${code}'`) || sources.includes(`code: ${code}`);
  expect(Object.values(MEANINGS).flatMap((table) => Object.keys(table).filter((code) => !given(code)))).toEqual([]);
});
