/**
 * Where passphrases and PINs come from: files that were named, else a hidden prompt. Read when they are needed, and not
 * before.
 */
import { equalBytes, fromUtf8, utf8, wipe } from '../../common/bytes.js';
import { readSecretFile } from '../../common/descriptors.js';
import { lines } from '../../common/groups.js';
import { generatePassphrase, strengthBits, STRONG_BITS } from '../../common/passphrase.js';
import { untypeableIn } from '../../common/printable.js';
import type { Secrets } from '../../operations/context/operation-context.js';
import type { CommandContext } from '../program/context.js';
import { note } from './output.js';
import { pinsOf } from './pins.js';
import { type SecretFile, secretFiles } from './secret-file.js';
import { err } from './streams.js';

/** Below this a typed passphrase is not taken. */
const LEAST_BITS = 40;
const WORDS_A_LINE = 4;

export function secretsOf(context: CommandContext): Secrets {
  const files = secretFiles(context.options.passphraseFile, '--passphrase-file');
  const fileFor = (key: { readonly uri: string; readonly name: string }): SecretFile | undefined =>
    files.find((one) => one.key === key.uri || one.key === key.name) ?? files.find((one) => one.key === undefined);
  return {
    ...pinsOf(secretFiles(context.options.pinFile, '--pin-file'), context.terminal),
    mayAskAgain: (key) => fileFor(key) === undefined,
    async passphrase(key, use) {
      const file = fileFor(key);
      const passphrase = await (file === undefined ? ask(context, key.uri, use) : readSecretFile(file.path));
      if (file !== undefined && use === 'new') remarkStrength(context, passphrase, key.uri);
      // Stretching it takes a second or more, in which a person should not wonder.
      if (err.isTTY && context.options.quiet !== true) err.write(`Working on ${key.uri} ...\n`);
      return passphrase;
    },
  };
}

function ask(context: CommandContext, uri: string, use: 'open' | 'new'): Promise<Uint8Array> {
  return use === 'open' ? context.terminal.askSecret(`Passphrase of ${uri}`) : askNewPassphrase(context, uri);
}

export function remarkStrength({ options }: CommandContext, passphrase: Uint8Array, uri: string): void {
  const { bits, reason } = strengthBits(passphrase);
  if (bits < STRONG_BITS) {
    note(
      options,
      `warning: the passphrase of ${uri} has about ${String(Math.floor(bits))} bits (${reason}); ${String(STRONG_BITS)} or more would be strong`,
    );
  }
}

const NO_OFFER =
  'This terminal keeps what was on its screen (GNU screen, TERM=dumb, or one that is not known here), so that no passphrase is made and shown. Make one with dice, or work in a terminal of another kind.';

/** A typed passphrase, twice; or one that the program makes, typed once to show that it was written down. */
async function askNewPassphrase(context: CommandContext, uri: string): Promise<Uint8Array> {
  const { terminal } = context;
  const mayOffer = terminal.isPresent && terminal.screen.forgets;
  if (terminal.isPresent && !mayOffer) terminal.say(NO_OFFER);
  for (;;) {
    const typed = await terminal.askSecret(`New passphrase for ${uri}${mayOffer ? ' (empty: one will be made)' : ''}`);
    if (typed.length === 0 && mayOffer) return offerPassphrase(context, uri);
    const { bits, reason } = strengthBits(typed);
    if (bits < LEAST_BITS) {
      wipe(typed);
      terminal.say(
        `About ${String(Math.floor(bits))} bits (${reason}): too weak for a key like this. Choose a longer one${mayOffer ? ', or leave it empty' : ''}.`,
      );
      continue;
    }
    const untypeable = untypeableIn(fromUtf8(typed) ?? '');
    if (untypeable !== undefined) {
      wipe(typed);
      terminal.say(`It has ${untypeable}. Choose another one, which can be typed on any machine.`);
      continue;
    }
    remarkStrength(context, typed, uri);
    const again = await terminal.askSecret('Repeat it');
    const same = equalBytes(typed, again);
    wipe(again);
    if (same) return typed;
    wipe(typed);
    terminal.say('The two differ. Start again.');
  }
}

async function offerPassphrase({ random, terminal }: CommandContext, uri: string): Promise<Uint8Array> {
  const made = utf8(generatePassphrase(random));
  await terminal.showSecret(
    `Write this passphrase down on paper, and keep it apart from the key file.\nAn earlier one for this key is now void: cross it out.\nTwelve words with hyphens between them and no spaces:\n\n${onPaper(fromUtf8(made) ?? '')}`,
    'Press Enter when it is written down; the screen is then cleared',
  );
  for (;;) {
    const typed = await terminal.askSecret(`Now type the passphrase of ${uri} from the paper`);
    const same = equalBytes(typed, made);
    wipe(typed);
    if (same) return made;
    terminal.say('That is not it. Check the paper, and type it again.');
  }
}

/** The words in lines that no terminal breaks; a line's last hyphen belongs to the passphrase. */
function onPaper(passphrase: string): string {
  const words = passphrase.split('-');
  const rows = lines(
    words.map((word, i) => (i < words.length - 1 ? `${word}-` : word)),
    WORDS_A_LINE,
  );
  return rows.map((row) => `    ${row.replaceAll(' ', '')}\n`).join('');
}
