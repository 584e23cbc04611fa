import { join } from 'node:path';
import { factsOf } from '../../common/files.js';
import { bad, type Check, fine, type Look, unseen } from './machine-check.js';
import type { Manifest } from './manifest.js';
import { type Program, programFiles, sha256Of } from './program-hashes.js';

/** How many names are listed; the rest is counted. */
const NAMED = 5;

export const programFilesCheck: Check = {
  id: 'program-files',
  source: "SHA-256 of the program's files, its packages and native modules; a manifest, where one is given",
  reason: 'Whoever changes the program decides what it signs, and what it shows.',
  look({ program }) {
    if (program.manifest !== undefined) return compare(program, program.manifest);
    const count = String(programFiles(program.root).length);
    return unseen(
      `nothing says what the hashes of its ${count} files should be`,
      'Compare the hashes with those on your paper, or give a list that you trust.',
      { option: 'manifest', value: 'SHA256SUMS' },
    );
  },
};

function compare({ root }: Program, manifest: Manifest): Look {
  const files = programFiles(root);
  const missing = [...manifest.keys()].filter((name) => factsOf(join(root, name))?.kind !== 'file');
  const changed = [...manifest].flatMap(([name, sha256]) =>
    missing.includes(name) || sha256Of(root, name) === sha256 ? [] : [name],
  );
  const extra = files.filter((name) => !manifest.has(name));
  const faults = [...some('changed', changed), ...some('missing', missing), ...some('not in the manifest', extra)];
  if (faults.length > 0) {
    return bad(
      faults.join('; '),
      'Sign nothing with this copy: compare the archive with its hash on your paper, and unpack it again.',
    );
  }
  return fine(`all ${String(files.length)} files are as the manifest has them (Node itself is not in it)`);
}

function some(what: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const more = names.length > NAMED ? ` and ${String(names.length - NAMED)} more` : '';
  return [`${what}: ${names.slice(0, NAMED).join(', ')}${more}`];
}
