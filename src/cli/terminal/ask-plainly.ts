/**
 * Questions that draw nothing: secrets, of which nothing is shown, not even the length; and all questions on a terminal
 * that knows no escape sequences (TERM=dumb: screen readers, serial lines).
 */
import { fromUtf8, wipe } from '../../common/bytes.js';
import type { Keyboard } from './keyboard.js';
import type { Screen } from './streams.js';
import { type LineEnd, MAX_LINE, TypedLine } from './typed-line.js';

/** Goes back over a character on every terminal, and on paper. */
const ERASE = '\b \b';

/**
 * Asks for a secret. Returns its bytes, which the caller wipes; undefined after Ctrl-C, Ctrl-D or the terminal's end.
 */
export async function askHidden(keyboard: Keyboard, screen: Screen, message: string): Promise<Uint8Array | undefined> {
  return askFor(keyboard, screen, `? ${message} (hidden) `, () => '');
}

/** Asks for a line, which is shown as it is typed. Returns undefined after Ctrl-C, Ctrl-D or the terminal's end. */
export async function askPlainly(keyboard: Keyboard, screen: Screen, message: string): Promise<string | undefined> {
  const bytes = await askFor(keyboard, screen, `? ${message} `, (typed) => fromUtf8(typed));
  return bytes === undefined ? undefined : (fromUtf8(bytes) ?? '');
}

/** `shown`: of what was typed, what is seen; undefined in the middle of a character. */
async function askFor(
  keyboard: Keyboard,
  screen: Screen,
  question: string,
  shown: (typed: Uint8Array) => string | undefined,
): Promise<Uint8Array | undefined> {
  const line = new TypedLine();
  let seen = '';
  let settle: (end: LineEnd) => void = () => undefined;
  const ended = new Promise<LineEnd>((resolve) => (settle = resolve));
  const reader = {
    take: (keys: Uint8Array): void => {
      const end = line.take(keys);
      wipe(keys);
      const now = line.look(shown) ?? seen;
      screen.draw(correction(seen, now));
      seen = now;
      if (end !== undefined) settle(end);
    },
    show: (): void => {
      screen.write(`\n${question}${seen}`);
    },
    end: (): void => {
      settle('interrupted');
    },
  };
  try {
    const how = await keyboard.whileReading(reader, () => {
      screen.write(`${question}${seen}`);
      return ended;
    });
    screen.write('\n');
    if (how === 'interrupted') return undefined;
    const bytes = line.bytes();
    if (bytes !== undefined) return bytes;
    screen.write(`That has more than ${String(MAX_LINE)} bytes. Type it again.\n`);
  } finally {
    line.wipe();
  }
  return askFor(keyboard, screen, question, shown);
}

/** What makes one text of the other, at the end of the line. */
function correction(before: string, after: string): string {
  const [old, now] = [Array.from(before), Array.from(after)];
  const same = old.findIndex((character, i) => character !== now[i]);
  const kept = same < 0 ? old.length : same;
  return ERASE.repeat(old.length - kept) + now.slice(kept).join('');
}
