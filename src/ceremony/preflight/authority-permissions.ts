import { dirname } from 'node:path';
import { ALLOWED_SIGNERS_FILE, FOLDERS, inAuthority, SETTINGS_FILE } from '../../authority/ground/layout.js';
import { firstFew } from '../../common/cut.js';
import { BY_OTHERS, STICKY } from '../../common/files.js';
import { keepsOwners } from '../../common/held-folder.js';
import { shellWord } from '../../common/shell.js';
import type { Machine } from './machine.js';
import { bad, type Check, fine, unseen } from './machine-check.js';

const GROUP_OR_OTHERS_MAY_READ = 0o044;

export const authorityPermissions: Check = {
  id: 'authority-permissions',
  source: 'who owns the authority, its folders and its settings, who may write them, and every folder above',
  reason: 'Whoever can write the folder can replace what was signed.',
  look({ machine, dir, authority }) {
    if (authority === undefined && machine.named(inAuthority(dir, SETTINGS_FILE)) === undefined)
      return unseen(`there is no authority in ${dir}`, 'Name it.', { option: 'dir' });
    const all = ['', ...FOLDERS, SETTINGS_FILE, ALLOWED_SIGNERS_FILE, ...filesIn(machine, dir)];
    const open = all.flatMap((name) => openTo(machine, dir, name));
    const writable = open.length === 0 ? [] : [`users other than the owner may write ${firstFew(open)}`];
    const seen = all.flatMap((name) => readableKey(machine, dir, name));
    if (seen.length > 0) writable.push(`users other than the owner may read ${firstFew(seen)}`);
    const strange = all.flatMap((name) => notOurs(machine, dir, name));
    const owned = strange.length === 0 ? [] : [firstFew(strange, '; ')];
    const above = foldersAbove(machine, dir).flatMap((folder) => faultAbove(machine, folder));
    const sentences = [...writable, ...owned, ...above];
    if (sentences.length === 0) return fine('nobody but the owner may write the authority, or a folder above it');
    if (owned.length + above.length === 0)
      return bad(
        sentences.join('; '),
        `Run: chmod -R go-w ${shellWord(dir)}${seen.length === 0 ? '' : `; chmod go-rwx ${shellWord(inAuthority(dir, 'keys'))}/*.age`}`,
      );
    return bad(
      sentences.join('; '),
      `Make sure that ${dir} is yours and not a link, and that every folder above it is yours or root's and can be written by nobody else; then check its record.`,
      { command: 'ledger verify' },
    );
  },
};

/** Returns everything in its folders, relative to it. */
function filesIn(machine: Machine, dir: string): string[] {
  const here = machine.realPath(dir);
  return FOLDERS.filter((folder) => factsIn(machine, dir, folder)?.kind === 'folder').flatMap((folder) =>
    (machine.names(inAuthority(here, folder)) ?? []).map((name) => `${folder}/${name}`),
  );
}

/** Returns a key file that others can read: they could guess its passphrase. */
function readableKey(machine: Machine, dir: string, name: string): string[] {
  const facts = name.endsWith('.age') ? factsIn(machine, dir, name) : undefined;
  return facts?.kind === 'file' && (facts.mode & GROUP_OR_OTHERS_MAY_READ) !== 0
    ? [`${name} (mode ${facts.mode.toString(8)})`]
    : [];
}

/** Returns a name to which others have access. A link has no permissions of its own. */
function openTo(machine: Machine, dir: string, name: string): string[] {
  const facts = factsIn(machine, dir, name);
  if (facts === undefined || facts.kind === 'link' || (facts.mode & BY_OTHERS) === 0) return [];
  return [`${shown(dir, name)} (mode ${facts.mode.toString(8)})`];
}

function notOurs(machine: Machine, dir: string, name: string): string[] {
  const facts = factsIn(machine, dir, name);
  const { userId } = machine;
  if (facts === undefined) return [];
  if (facts.kind === 'link') return [`${shown(dir, name)} is a symbolic link`];
  const isKept = keepsOwners(machine.fileSystem(dir)?.type ?? 0);
  if (!isKept || userId === undefined || facts.owner === userId) return [];
  return [`${shown(dir, name)} belongs to user ${String(facts.owner)}, and you are user ${String(userId)}`];
}

/** Returns the facts about a name; the path to the authority itself may contain links. */
function factsIn(machine: Machine, dir: string, name: string): ReturnType<Machine['named']> {
  return machine.named(name === '' ? machine.realPath(dir) : inAuthority(dir, name));
}

function shown(dir: string, name: string): string {
  return name === '' ? dir : name;
}

/**
 * Returns the folders from the authority up to `/`, as named and with links resolved: each of them could be replaced.
 */
function foldersAbove(machine: Machine, dir: string): readonly string[] {
  const found = new Set<string>();
  for (const start of [dir, machine.realPath(dir)])
    for (let [below, folder] = [start, dirname(start)]; folder !== below; [below, folder] = [folder, dirname(folder)])
      found.add(machine.realPath(folder));
  return [...found];
}

/** Returns what is wrong with a folder above: whoever can write in it can replace what is in it. */
function faultAbove(machine: Machine, folder: string): string[] {
  const facts = machine.named(folder);
  if (facts === undefined) return [];
  const { owner, mode } = facts;
  if ((mode & BY_OTHERS) !== 0 && (mode & STICKY) === 0)
    return [`users other than its owner may write ${folder} above it (mode ${mode.toString(8)})`];
  if (machine.userId === undefined || owner === 0 || owner === machine.userId) return [];
  return [`${folder} above it belongs to user ${String(owner)}, who can put another folder in its place`];
}
