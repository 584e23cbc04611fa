import { join } from 'node:path';
import { BY_OTHERS } from '../../common/files.js';
import type { Machine } from './machine.js';
import { bad, type Check, fine } from './machine-check.js';

/**
 * Variables that can put other code or other settings into this process or one that it starts, or extract its memory,
 * without changing any file of the program: those of Node, the loader, the C library and OpenSSL, and of what
 * ssh-keygen loads or starts. Variables of Node that only affect output are left out.
 */
const CHANGES_WHAT_RUNS = [
  /^NODE_(?!(?:ENV|NO_WARNINGS|DISABLE_COLORS)$)/,
  /^(?:LD|DYLD|OPENSSL|MALLOC)_/,
  /^(?:GCONV_PATH|GLIBC_TUNABLES|LOCPATH)$/,
  /^SSH_(?:SK_PROVIDER|SK_HELPER|PKCS11_HELPER|ASKPASS)$/,
];
/** The only program that this one starts by name. */
const STARTED = 'ssh-keygen';

export const environment: Check = {
  id: 'environment',
  source: 'the variables of the environment, and the options that Node was started with',
  reason: "Some variables load other code into this process, whatever the hashes of the program's files say.",
  look({ machine }) {
    const { variables, nodeOptions } = machine;
    const set = Object.keys(variables)
      .filter((name) => variables[name] !== '' && CHANGES_WHAT_RUNS.some((pattern) => pattern.test(name)))
      .sort();
    const found = [...set.map((name) => `${name}=${variables[name] ?? ''}`), ...nodeOptions];
    const byOthers = onThePath(machine);
    if (found.length === 0 && byOthers.length === 0) return fine('no variable and no option of Node changes what runs');
    const changed = found.length === 0 ? [] : [`what runs is changed by ${found.join(', ')}`];
    const strange = byOthers.map((why) => `${STARTED}, as PATH has it, may be another: ${why}`);
    const unset = set.length === 0 ? 'Start the program without options of Node' : `Run: unset ${set.join(' ')}`;
    return bad(
      [...changed, ...strange].join('; '),
      found.length === 0 ? 'Remove from PATH the folders that users other than root can write' : unset,
    );
  },
};

/** Returns why others than root could have a program of their own started instead of the first that PATH leads to. */
function onThePath(machine: Machine): readonly string[] {
  const folders = (machine.variables.PATH ?? '').split(':').filter((folder) => folder.startsWith('/'));
  const at = folders.findIndex((folder) => machine.facts(join(folder, STARTED))?.kind === 'file');
  if (at < 0) return [];
  const before = folders.slice(0, at).flatMap((folder) => {
    const facts = machine.facts(folder);
    return facts === undefined || (facts.mode & BY_OTHERS) === 0
      ? []
      : [`others may write ${folder} (mode ${facts.mode.toString(8)})`];
  });
  return [...before, ...machine.othersThanRoot(join(folders[at] ?? '', STARTED))].slice(0, 2);
}
