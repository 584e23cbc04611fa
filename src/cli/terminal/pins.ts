/** Where the PINs of tokens come from: a file, else a hidden prompt. Each is read once, for one login. */
import { canonicalKeyUri } from '../../codec/key-uri.js';
import { equalBytes, fromUtf8, wipe } from '../../common/bytes.js';
import { refused, usage } from '../../common/errors.js';
import { untypeableIn } from '../../common/printable.js';
import { shellWord } from '../../common/shell.js';
import type { PinRequest, PinSource } from '../../signer/pkcs11/session.js';
import type { CommandContext } from '../program/context.js';
import { printable } from './render.js';
import { readPinFile, type SecretFile, secretFiles } from './secret-file.js';
import type { Terminal } from './terminal.js';

const WHOSE: Readonly<Record<PinRequest['whose'], string>> = {
  user: 'PIN',
  so: "Security officer's PIN",
  'new-user': 'New PIN',
  'new-so': "New security officer's PIN",
};

/** The PINs of tokens that are not an operation's own business: for the hsm commands. Error: `usage`. */
export function tokenPins({ options, terminal }: CommandContext): PinSource {
  return pinsOf(secretFiles(options.pinFile, '--pin-file'), terminal);
}

/** A PIN without a key is for the one token that the command uses: another token never gets to see it. */
export function pinsOf(files: readonly SecretFile[], terminal: Terminal): PinSource {
  let first: string | undefined;
  return {
    async pin(request) {
      const { token, name, uri, pinFile, warnings } = request;
      const isNew = request.whose.startsWith('new');
      for (const warning of warnings) terminal.say(`warning: ${warning}`);
      const named = files.find(({ key }) => key !== undefined && (key === name || canonicalKeyUri(key) === uri));
      if (named !== undefined) return readPinFile(named.path, isNew);
      if (pinFile !== undefined && isOnCommandLine(uri)) return readPinFile(pinFile, isNew);
      const plain = files.find(({ key }) => key === undefined);
      if (plain !== undefined) {
        const asking = JSON.stringify([token.manufacturer, token.model, token.serial, token.label]);
        first ??= asking;
        if (first === asking) return readPinFile(plain.path, isNew);
        if (!terminal.isPresent) {
          throw usage(`--pin-file was used for another token, and ${uri} asks for a PIN too`, {
            hint: 'Say which PIN is for which key: --pin-file KEY=FILE.',
          });
        }
      }
      if (pinFile !== undefined) sayUnread(terminal, uri, name, pinFile);
      const question = `${WHOSE[request.whose]} of the token ${JSON.stringify(token.label)} (serial ${token.serial})`;
      for (;;) {
        const typed = await terminal.askSecret(question);
        if (typed.length > 0) return typed;
        terminal.say('An empty PIN would count as a wrong one; it was not sent.');
      }
    },
    announce(text) {
      terminal.say(text);
    },
  };
}

/** Whether somebody has written this key's URI, in any spelling, where they started the command. */
function isOnCommandLine(uri: string): boolean {
  return process.argv.slice(2).some((word) => {
    const [, text] = /^(?:[^=:]*=)?(pkcs11:.*)$/s.exec(word) ?? [];
    try {
      return text !== undefined && canonicalKeyUri(text) === uri;
    } catch {
      return false;
    }
  });
}

/**
 * A file that only a record or a plan names is not read: its content would go to the token as a PIN. Error: `usage`
 * where nobody can be asked.
 */
function sayUnread(terminal: Terminal, uri: string, name: string, pinFile: string): void {
  const what = `the PIN file ${pinFile} of ${uri} was not read: only a record or a plan names it (pin-source)`;
  const option = `--pin-file ${shellWord(`${name}=${pinFile}`)}`;
  if (!terminal.isPresent) throw usage(what, { hint: `Name it on the command line: ${option}` });
  terminal.say(`note: ${printable(`${what}; ${option} names it on the command line`)}`);
}

/** A PIN that is about to be set, typed twice. Error: `declined`. */
export async function askTwice(terminal: Terminal, { whose, token }: PinRequest): Promise<Uint8Array> {
  const what = `${WHOSE[whose]} of the token ${JSON.stringify(token.label)}`;
  const pin = await terminal.askSecret(what);
  const again = await terminal.askSecret('Repeat it');
  const same = equalBytes(pin, again);
  wipe(again);
  const untypeable = untypeableIn(fromUtf8(pin) ?? '');
  if (same && pin.length > 0 && untypeable === undefined) return pin;
  wipe(pin);
  if (untypeable !== undefined)
    throw refused('declined', `it has ${untypeable}; nothing was changed`, { hint: 'Choose another PIN.' });
  throw refused('declined', 'the two differ or are empty; nothing was changed', { hint: 'Run it again.' });
}
