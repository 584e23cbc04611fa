/** `--passphrase-file [KEY=]FILE` and `--pin-file [KEY=]FILE`. */
import { fromUtf8, wipe } from '../../common/bytes.js';
import { readSecretFile } from '../../common/descriptors.js';
import { couldNot, usage } from '../../common/errors.js';
import { unseenIn, untypeableIn } from '../../common/printable.js';

export interface SecretFile {
  /** The key's URI or name; undefined where it is for whichever key asks. */
  readonly key: string | undefined;
  readonly path: string;
}

/**
 * `[KEY=]FILE`. A path that holds `=` itself is told from a KEY by beginning with `/` or `./`; a KEY's URI may hold
 * `=`, so the last one counts.
 */
export function parseSecretFile(argument: string): SecretFile {
  const at = argument.lastIndexOf('=');
  if (at <= 0 || /^\.{0,2}\//.test(argument)) return { key: undefined, path: argument };
  return { key: argument.slice(0, at), path: argument.slice(at + 1) };
}

/**
 * Reads a PIN, and refuses one with something that nobody sees before a token counts it as a wrong one; a new one also
 * with what keyboards make in two ways. The caller wipes it. Errors: those of `readSecretFile`.
 */
export async function readPinFile(path: string, isNew: boolean): Promise<Uint8Array> {
  const pin = await readSecretFile(path);
  const text = fromUtf8(pin);
  const fault = text === undefined ? 'bytes that are not UTF-8' : isNew ? untypeableIn(text) : unseenIn(text);
  if (fault === undefined) return pin;
  wipe(pin);
  throw couldNot('bad-secret-file', `the PIN in ${path} has ${fault}`, {
    hint: 'No token was asked. Write the PIN alone into the file, in plain UTF-8 without a byte-order mark.',
  });
}

/** Error: `usage`, where two are given and neither says for which key. */
export function secretFiles(given: readonly string[] | undefined, option: string): readonly SecretFile[] {
  const files = (given ?? []).map(parseSecretFile);
  if (files.filter(({ key }) => key === undefined).length > 1) {
    throw usage(`${option} is given twice without saying for which key`, { hint: `Write ${option} KEY=FILE.` });
  }
  return files;
}
