import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type QrStyle, terminalQr } from '../../../src/cli/terminal/qr.js';
import { hasTool, testWhere } from '../../support/machine/tools.js';

const FINGERPRINT = 'e5:82:94:f2:e9:a2:27:48:6e:8b:06:1b:31:cc:52:8f:d7:fa:3f:19:00:01:02:03:04:05:06:07:08:09:0a:0b';
const ESCAPE = '\u001b';
const PIXELS = 8;
const STYLES: QrStyle[] = [true, false].flatMap((unicode) => [true, false].map((colour) => ({ unicode, colour })));

function linesOf(drawn: string): string[] {
  expect(drawn.endsWith('\n')).toBe(true);
  return drawn.slice(0, -1).split('\n');
}

/** What a terminal would show: each cell as an upper and a lower half, black or not, obeying the colours. */
function screen(drawn: string, foreground: boolean, background: boolean): boolean[][] {
  const rows: boolean[][] = [];
  for (const line of linesOf(drawn)) {
    const [upper, lower]: [boolean[], boolean[]] = [[], []];
    let [front, back] = [foreground, background];
    for (const [token] of line.matchAll(new RegExp(`${ESCAPE}\\[[0-9;]*m|.`, 'gu'))) {
      if (token.startsWith(ESCAPE)) {
        for (const code of token.slice(2, -1).split(';')) {
          if (code === '0') [front, back] = [foreground, background];
          else if (code === '30') front = true;
          else if (code === '40' || code === '47') back = code === '40';
          else throw new Error(`unexpected colour ${code}`);
        }
        continue;
      }
      upper.push(token === '█' || token === '▀' || token === '#' ? front : back);
      lower.push(token === '█' || token === '▄' || token === '#' ? front : back);
    }
    rows.push(upper, lower);
  }
  return rows;
}

/** A cell is twice as high as wide, so each of its halves is a square of pixels. */
function scan(rows: boolean[][], reversed: boolean): string {
  const folder = mkdtempSync(join(tmpdir(), 'qr-'));
  try {
    const wide = rows.map((row) => row.flatMap((black) => Array<boolean>(PIXELS).fill(black)));
    const scaled = wide.flatMap((row) => Array<boolean[]>(PIXELS).fill(row));
    const pixels = scaled.map((row) => row.map((black) => (black ? '1' : '0')).join(' ')).join('\n');
    writeFileSync(join(folder, 'a.pbm'), `P1\n${String(scaled[0]?.length)} ${String(scaled.length)}\n${pixels}\n`);
    const options = ['--raw', '-q', '-Sdisable', '-Sqrcode.enable', ...(reversed ? ['-Stest-inverted'] : [])];
    const { stdout } = spawnSync('zbarimg', [...options, join(folder, 'a.pbm')], { encoding: 'utf8' });
    return stdout.trimEnd();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('a QR code on a terminal', () => {
  for (const style of STYLES) {
    for (const terminal of ['dark', 'light']) {
      const reversed = terminal === 'dark' && !style.colour;
      const name = `${JSON.stringify(style)} on a ${terminal} terminal${reversed ? ', reversed' : ''}, is read back`;
      testWhere(hasTool('zbarimg'), 'zbarimg', name, async () => {
        const drawn = await terminalQr(FINGERPRINT, style);
        const shown = screen(drawn, terminal === 'light', terminal === 'dark');
        expect(scan(shown, reversed)).toBe(FINGERPRINT);
      });
    }
  }

  test('has a quiet zone of four modules on every side, in every line', async () => {
    const lines = linesOf(await terminalQr('a', { unicode: false, colour: false }));
    expect(lines.length).toBe(21 + 8);
    expect(
      lines.every((line) => line.length === 2 * 29 && line.startsWith(' '.repeat(8)) && line.endsWith(' '.repeat(8))),
    ).toBe(true);
    expect([...lines.slice(0, 4), ...lines.slice(-4)].every((line) => line.trim() === '')).toBe(true);
    const half = linesOf(await terminalQr('a', { unicode: true, colour: false }));
    expect(half.slice(0, 2).join('').trim()).toBe('');
    expect(half[2]).toMatch(/^ {4}[█▀▄ ]{21} {4}$/u);
  });

  test('without UTF-8 it is ASCII; without colour it has no escape sequences', async () => {
    expect(await terminalQr('a', { unicode: false, colour: true })).toMatch(new RegExp(`^[${ESCAPE}\\x20-\\x7e\\n]*$`));
    expect(await terminalQr('a', { unicode: true, colour: false })).not.toContain('\u001b');
    expect(await terminalQr('a', { unicode: false, colour: false })).toMatch(/^[# \n]*$/);
    for (const line of linesOf(await terminalQr('a'))) expect(line.endsWith('\u001b[0m')).toBe(true);
  });

  test('as much as fits, and one more', async () => {
    await expect(terminalQr('a'.repeat(2331))).resolves.toContain('█');
    await expect(terminalQr('a'.repeat(2332))).rejects.toMatchObject({ code: 'qr-too-long', kind: 'could-not' });
  });
});
