/** `--passphrase-file [KEY=]FILE` and `--pin-file [KEY=]FILE`. */
import { usage } from '../../common/errors.js';

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

/** Error: `usage`, where two are given and neither says for which key. */
export function secretFiles(given: readonly string[] | undefined, option: string): readonly SecretFile[] {
  const files = (given ?? []).map(parseSecretFile);
  if (files.filter(({ key }) => key === undefined).length > 1) {
    throw usage(`${option} is given twice without saying for which key`, { hint: `Write ${option} KEY=FILE.` });
  }
  return files;
}
