/** A list of hashes as `sha256sum` prints it, of files that are named relative to the program's folder. */
import { fromUtf8 } from '../../common/bytes.js';
import { couldNot } from '../../common/errors.js';
import { readFile } from '../../common/files.js';

/** SHA-256 (hex) by name; names use `/`, without a leading `./`. */
export type Manifest = ReadonlyMap<string, string>;

const MAX_MANIFEST = 16 * 1024 * 1024;

/** Reads a manifest. Errors: `bad-manifest` with the line; those of `readFile`. */
export function readManifest(path: string): Manifest {
  const text = fromUtf8(readFile(path, MAX_MANIFEST));
  if (text === undefined) throw bad(path, 1, 'it is not UTF-8');
  const manifest = new Map<string, string>();
  text.split('\n').forEach((line, index, all) => {
    if (line === '' && index === all.length - 1) return;
    const match = /^([0-9a-fA-F]{64}) [ *](?:\.\/)?(.+)$/.exec(line.replace(/\r$/, ''));
    if (match === null) throw bad(path, index + 1, 'it is not 64 hex digits, two blanks, and a name');
    const [, sha256 = '', name = ''] = match;
    if (name.startsWith('/') || name.split('/').includes('..')) {
      throw bad(path, index + 1, `${name} is not below the program's folder`);
    }
    if (manifest.has(name)) throw bad(path, index + 1, `${name} is there twice`);
    manifest.set(name, sha256.toLowerCase());
  });
  if (manifest.size === 0) throw bad(path, 1, 'it names no file');
  return manifest;
}

function bad(path: string, line: number, what: string): Error {
  return couldNot('bad-manifest', `${path}:${String(line)}: ${what}`, {
    hint: 'Make it where the program was built, in its folder: find . -type f -exec sha256sum {} +',
  });
}
