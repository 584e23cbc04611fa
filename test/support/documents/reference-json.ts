/** docs/reference/json.md: the document of every command. */
import { jsonDocuments, type JsonKey } from './json-shapes.js';
import { JSON_KEYS } from './json-texts.js';
import { code, page, table } from './reference-page.js';

/** Errors: a key without a meaning, and a meaning without a key. */
export function json(): string {
  const unused = new Set(Object.keys(JSON_KEYS));
  const meaning = (command: string, path: string): string => {
    const names = path.replaceAll('[]', '').split('.');
    const name = names.at(-1) ?? '';
    if (names.at(-2) === 'attributes') return `the attribute ${code(`CKA_${name.toUpperCase()}`)}`;
    const known = [`${command} ${path}`, ...tails(path), name].map((one) => one.replace(/(\[\])+$/, ''));
    const found = known.find((one) => one in JSON_KEYS);
    if (found === undefined) throw new Error(`nothing is said of ${path} in the JSON of ${command}`);
    unused.delete(found);
    return JSON_KEYS[found] ?? '';
  };
  const rows = (command: string, keys: readonly JsonKey[]): string[][] =>
    keys
      .filter(({ path }) => !path.endsWith('_unix'))
      .map(({ path, type, optional }) => {
        const twice = keys.some((one) => one.path === `${path}_unix`);
        const names = [path, ...(twice ? [`${path}_unix`] : [])].map(code).join(', ');
        return [`${names}${optional ? ' ?' : ''}`, twice ? 'time' : type, meaning(command, path)];
      });
  const parts = jsonDocuments().flatMap(({ command, done, refused }) => [
    `## ${command}`,
    table(['Key', 'Type', 'Meaning'], rows(command, done)),
    ...(refused.length === 0
      ? []
      : [
          `A refusal for what was found has ${refused.length < done.length ? firstNames(refused) : 'all of these'} too.`,
        ]),
  ]);
  if (unused.size > 0) throw new Error(`no command prints ${[...unused].join(', ')}`);
  return page(
    'JSON documents',
    'With `--json` a command prints one JSON document on stdout, and nothing else there.',
    [
      '- A command that did its work, or found all valid: `"ok": true` and the keys below.',
      '- A refusal: `"ok": false` with `code` ([codes.md](codes.md)), `message`, `hint`, and `findings` where there are several: a list of `rule`, `code`, `message`, and sometimes `hint`.',
      '- A time is there twice: `not_after` as RFC 3339, `not_after_unix` as seconds.',
      '- Paths are absolute. Fingerprints and hashes are hexadecimal.',
      '- `?` marks a key that may be missing; `[]` stands for each item of a list.',
    ].join('\n'),
    ...parts,
  );
}

/** `b[].c` and `c` of `a.b[].c`. */
function tails(path: string): string[] {
  const parts = path.split('.');
  return parts.map((_, i) => parts.slice(i).join('.'));
}

function firstNames(keys: readonly JsonKey[]): string {
  return [...new Set(keys.map(({ path }) => code(path.split(/[.[]/)[0] ?? '')))].join(', ');
}
