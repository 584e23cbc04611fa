/** Passphrases of key files: what they may contain, how strong one must be, and how to generate one. */
import { fromUtf8, wipe } from './bytes.js';
import { commonPasswords } from './common-passwords.js';
import { counted } from './counted.js';
import { couldNot } from './errors.js';
import { fromPgpWords, toPgpWords } from './pgp-words.js';
import { untypeableIn } from './printable.js';

const MAX_BYTES = 1024;
const GENERATED_BYTES = 12;

/** From this many bits on, no warning is given. */
export const STRONG_BITS = 90;

export interface Strength {
  /** Guessing takes about 2^bits tries; the estimate errs on the low side. */
  readonly bits: number;
  /** How the strength was counted, in words that don't repeat the passphrase. */
  readonly reason: string;
}

/**
 * Refuses a new passphrase that could not be typed later, here or to the `age` program. It is UTF-8 of 1 to 1024 bytes
 * without control characters, and without what nobody sees or what keyboards make in two ways: it is used byte for
 * byte, as in `age`, which does not normalise either. Error: `bad-passphrase`, exit 3.
 */
export function checkPassphrase(passphrase: Uint8Array): void {
  const bad = (what: string): Error =>
    couldNot('bad-passphrase', `the passphrase ${what}`, {
      hint: 'Choose one that can be typed at a prompt of any machine.',
    });
  if (passphrase.length === 0) throw bad('is empty');
  if (passphrase.length > MAX_BYTES) throw bad(`has more than ${String(MAX_BYTES)} bytes`);
  const text = fromUtf8(passphrase);
  if (text === undefined) throw bad('is not valid UTF-8');
  if (passphrase.some((byte) => byte < 0x20 || byte === 0x7f)) throw bad('has a control character, such as a tab');
  const untypeable = untypeableIn(text);
  if (untypeable !== undefined) throw bad(`has ${untypeable}`);
}

/**
 * Returns twelve words of the PGP list, in lower case with hyphens: 96 bits of `random`. Words alternate between two
 * and three syllables, so that a word left out when reading aloud is noticed.
 */
export function generatePassphrase(random: (length: number) => Uint8Array): string {
  const bytes = random(GENERATED_BYTES);
  const passphrase = toPgpWords(bytes).join('-').toLowerCase();
  wipe(bytes);
  return passphrase;
}

/**
 * Returns a cautious estimate of a passphrase's strength. What looks like words counts as words, repetitions hardly
 * count, and only what looks random counts by its characters. The text is briefly a string, which cannot be wiped.
 */
export function strengthBits(passphrase: Uint8Array): Strength {
  const text = fromUtf8(passphrase);
  if (text === undefined) return { bits: 0, reason: 'it is not valid UTF-8' };
  if (text === '') return { bits: 0, reason: 'it is empty' };
  const { bits, reason } =
    generatedStrength(text) ?? commonStrength(text) ?? repeatedStrength(text) ?? tokenStrength(text);
  return { bits: Math.floor(bits), reason };
}

/**
 * Counts 8 bits a word for a passphrase in our own form, unless so many words repeat, or follow each other in the list,
 * that they cannot have been drawn at random.
 */
function generatedStrength(text: string): Strength | undefined {
  if (!/^[a-z]+(-[a-z]+){3,}$/.test(text)) return undefined;
  const bytes = fromPgpWords(text);
  if (!(bytes instanceof Uint8Array)) return undefined;
  const words = bytes.length;
  const distinct = new Set(Array.from(bytes, (byte, i) => 2 * byte + (i % 2))).size;
  const steps = new Set(bytes.subarray(1).map((byte, i) => byte - (bytes[i] ?? 0))).size;
  wipe(bytes);
  const inOrder = words >= 6 && steps <= 2;
  // Of 12 random words, four or more are repetitions once in a hundred thousand times.
  const repeating = words - distinct > Math.max(3, words / 4);
  const counted = inOrder ? 2 : repeating ? distinct / 2 : words;
  return {
    bits: counted * 8,
    reason:
      `${String(words)} words of the PGP list, 8 bits each` + (counted < words ? ', but not drawn at random' : ''),
  };
}

/** Recognises a common password, also with capitals, digits for letters, and something added at its ends. */
function commonStrength(text: string): Strength | undefined {
  const core = /[a-z0-9](?:.*[a-z0-9])?/s.exec(text.toLowerCase())?.[0] ?? '';
  const stripped = /^.*\D/s.exec(core)?.[0] ?? '';
  const found = [core, stripped].find(
    (part) => commonPasswords().has(part) || commonPasswords().has(withLetters(part)),
  );
  if (found === undefined || found === '') return undefined;
  const bits = 8 + Math.min(text.length - found.length, 4) * 2;
  return { bits, reason: 'it is one of the commonest passwords, or nearly' };
}

function withLetters(text: string): string {
  const letters: Readonly<Record<string, string>> = {
    '0': 'o',
    '1': 'i',
    '3': 'e',
    '4': 'a',
    '5': 's',
    '7': 't',
    '@': 'a',
    $: 's',
    '!': 'i',
  };
  return text.replace(/[013457@$!]/g, (c) => letters[c] ?? c);
}

/** Recognises one piece repeated over and over: as strong as the piece, plus the number of times. */
function repeatedStrength(text: string): Strength | undefined {
  // A text is a repetition if and only if it occurs in its own double before the middle.
  const length = (text + text).indexOf(text, 1);
  if (length >= text.length || length < 1) return undefined;
  const unit = text.slice(0, length);
  const bits = strengthOf(unit) + Math.log2(text.length / unit.length);
  return { bits, reason: `it repeats ${String(Array.from(unit).length)} characters` };
}

function strengthOf(part: string): number {
  return (commonStrength(part) ?? tokenStrength(part)).bits;
}

/** Adds up the runs of letters, digits and other characters. A run that occurred before hardly counts. */
function tokenStrength(text: string): Strength {
  if (/^[0-9a-f]{16,}$/i.test(text) && /\d/.test(text) && /[a-f]/i.test(text)) return randomStrength(text, 4);
  const seen = new Set<string>();
  let bits = 0;
  let words = 0;
  for (const run of text.match(/\p{L}+|\p{N}+|[^\p{L}\p{N}]+/gu) ?? []) {
    const known = seen.has(run.toLowerCase());
    seen.add(run.toLowerCase());
    const { bits: own, words: ownWords } = known ? { bits: 0.5, words: 0 } : runStrength(run);
    bits += own;
    words += ownWords;
  }
  const characters = `${String(Array.from(text).length)} characters`;
  const reason =
    words > 0 ? `${characters}, with ${counted(words, 'likely word')} at 11 bits or less each` : characters;
  return { bits, reason };
}

function randomStrength(text: string, each: number): Strength {
  return { bits: countedCharacters(text) * each, reason: `${String(text.length)} hexadecimal digits` };
}

function runStrength(run: string): { bits: number; words: number } {
  const counted = countedCharacters(run);
  if (/^\p{N}+$/u.test(run)) {
    if (/^(19|20)\d\d$/.test(run)) return { bits: 7, words: 0 };
    // Six or eight digits may be a date.
    return { bits: run.length === 6 || run.length === 8 ? Math.min(15, counted * 3.3) : counted * 3.3, words: 0 };
  }
  if (!/^\p{L}+$/u.test(run)) {
    // One separator of a kind is expected; a run of symbols is drawn from about 20 that are easy to type.
    return { bits: run === ' ' || run === '-' ? 0.5 : counted * 4, words: 0 };
  }
  const changes = run.match(/\p{Lu}(?=\p{Ll})|\p{Ll}(?=\p{Lu})/gu)?.length ?? 0;
  const looksRandom = changes >= 3 && changes * 4 >= run.length;
  if (looksRandom) return { bits: counted * 5.2, words: 0 };
  if (run.length <= 3) return { bits: counted * (/^\p{Ll}+$/u.test(run) ? 3.6 : 4.5), words: 0 };
  // Without spaces nobody knows where words end: one is counted for every nine letters or part of them.
  const words = Math.ceil(run.length / 9);
  const capitals = /^\p{Lu}?\p{Ll}*$|^\p{Lu}+$/u.test(run) ? 0 : 1;
  return { bits: Math.min(words * 11, counted * 3) + capitals, words };
}

/**
 * Counts characters, but not those that only continue a sequence: the same again, or the next in the alphabet, in
 * counting or on the keyboard.
 */
function countedCharacters(run: string): number {
  const rows = '1234567890 qwertyuiop asdfghjkl zxcvbnm qwertzuiop yxcvbnm azertyuiop qsdfghjklm';
  const points = Array.from(run.toLowerCase());
  let counted = 0;
  points.forEach((point, i) => {
    const before = points[i - 1];
    const step = before === undefined ? undefined : (point.codePointAt(0) ?? 0) - (before.codePointAt(0) ?? 0);
    const onward = step !== undefined && Math.abs(step) <= 1;
    const besides = before !== undefined && (rows.includes(before + point) || rows.includes(point + before));
    counted += onward || besides ? 0.2 : 1;
  });
  return counted;
}
