/** Suggested commands are those that work from where the person is. */
import { expect, test } from '@jest/globals';
import { COMMANDS } from '../../../src/cli/commands/command-list.js';
import { FIRST_WORDS, suggested } from '../../../src/cli/terminal/suggested.js';

test.each([
  [
    'Go on with it: as-ceremony resume; or: as-ceremony resume --abort',
    'Go on with it: as-ceremony -C a resume; or: as-ceremony -C a resume --abort',
  ],
  ['Sign: as-ceremony bundle export', 'Sign: as-ceremony -C a bundle export'],
  ['already: as-ceremony -C b key attach URI', 'already: as-ceremony -C b key attach URI'],
  ['no other as-ceremony is at work', 'no other as-ceremony is at work'],
  ['make one: as-ceremony init <domain> [dir]', 'make one: as-ceremony init <domain> [dir]'],
  ['as-ceremony --help, as-ceremony planet', 'as-ceremony --help, as-ceremony planet'],
])('%s', (text, wanted) => {
  expect(suggested(text, { dir: 'a' })).toBe(wanted);
  expect(suggested(text, {})).toBe(text);
});

test('every command is known', () => {
  const words = COMMANDS.map(({ name }) => name.split(' ')[0] ?? '').filter((one) => one !== 'init');
  expect(FIRST_WORDS).toEqual(expect.arrayContaining([...new Set(words)]));
});

test('a folder is one word of a shell, whatever its name', () => {
  expect(suggested('as-ceremony status', { dir: "anna's $& files" })).toBe(
    String.raw`as-ceremony -C 'anna'\''s $& files' status`,
  );
});
