/**
 * Media: put in, looked at, written to, read again, taken out. A copy is the whole authority in a folder of its own.
 */
import { dirname, join, resolve } from 'node:path';
import { equalBytes, toHex } from '../../common/bytes.js';
import { CeremonyError } from '../../common/errors.js';
import { exists, factsOf, isFolder, listFolder } from '../../common/files.js';
import { nameFactsOf } from '../../common/name-facts.js';
import { createFile, makeFolder } from '../../common/new-files.js';
import { openAuthority } from '../../authority/authority.js';
import { existsInside, listInside, readInside, readUncachedInside } from '../../authority/ground/inside.js';
import { ALLOWED_SIGNERS_FILE, FOLDERS, inAuthority, SETTINGS_FILE } from '../../authority/ground/layout.js';
import { diskWarning, isOwnFile, mediumOf, mediumText, onOneDisk } from '../../authority/ground/medium.js';
import { liesInside } from '../../authority/ground/outside.js';
import { MAX_TRANSCRIPT_FILE, parseTranscript } from '../../authority/formats/transcript.js';
import { isRehearsalDomain } from '../../credential/fqdn.js';
import { hash } from '../../crypto/hash.js';
import type { JsonObject } from '../../codec/strict-json.js';
import { fillIn } from '../script/parameters.js';
import type { Step } from '../script/script.js';
import { byWhom, DONE, goesOn, NOBODY, type Ceremony, type Outcome, type Task } from './step.js';

const LINE_END = 0x0a;

export async function media(ceremony: Ceremony, task: Task): Promise<Outcome> {
  const { step, planned } = task;
  if (step.kind !== 'media') throw new TypeError('not a media step');
  const { table, record, plan } = ceremony;
  const values = new Map(Object.entries(plan.parameters));
  const medium = fillIn(step.medium, values);
  const place = fillIn(step.path, values);
  const path = resolve(place);
  const note = { step: planned.n, action: step.action, medium };
  if (step.action === 'insert' || step.action === 'eject') {
    if (!table.present) return NOBODY;
    return goesOn(ceremony, 'Enter when it is done; no stops', (answer) => {
      record.add('media', { ...note, answer, by: byWhom(ceremony, task) });
    });
  }
  if (place === '' || !isFolder(path))
    return { kind: 'no', why: `${place === '' ? 'nothing' : path} is no folder: is the medium in its place` };
  if (liesInside(ceremony.dir, path))
    return { kind: 'no', why: `${path} lies inside the authority, and is no medium of its own` };
  const folder = join(path, copyName(ceremony));
  const lies = liesOn(ceremony, path);
  switch (step.action) {
    case 'identify': {
      const names = listFolder(path);
      record.add('media', { ...note, path, ...lies, holds: names.slice(0, 100) });
      table.say(`${path} holds: ${names.length === 0 ? 'nothing' : names.slice(0, 20).join(', ')}`);
      return DONE;
    }
    case 'copy': {
      if (exists(folder)) return { kind: 'no', why: `${folder} is there already, and nothing is overwritten` };
      const fault = await faultOf(ceremony.dir);
      if (fault !== undefined) return { kind: 'no', why: `nothing is copied: ${fault}` };
      const files = filesOf(ceremony.dir);
      for (const file of files) copyFile(ceremony.dir, folder, file);
      record.add('media', { ...note, path: folder, ...lies, files_copied: files.length });
      table.say(`${String(files.length)} files are copied to ${folder}.`);
      return DONE;
    }
    case 're-read': {
      const fault = placeFault(ceremony.dir, path, folder);
      if (fault !== undefined) return { kind: 'no', why: fault };
      return reread(ceremony, task, folder, { ...note, path: folder, ...lies });
    }
    case 'hash': {
      const copy = exists(folder) ? folder : newestCopy(ceremony, path);
      if (copy === undefined) return { kind: 'no', why: `${path} holds no copy of this authority` };
      const fault = placeFault(ceremony.dir, path, copy);
      if (fault !== undefined) return { kind: 'no', why: fault };
      const read = filesOf(copy)
        .filter((file) => !file.endsWith('.age'))
        .map((file) => ({ file, ...readUncachedInside(copy, file, MAX_TRANSCRIPT_FILE) }));
      const sums = read.map(({ file, bytes }) => `${toHex(hash('sha256', bytes))}  ${file}\n`);
      const sha256 = toHex(hash('sha256', new TextEncoder().encode(sums.join(''))));
      const uncached = read.every((one) => one.uncached);
      record.add('media', { ...note, path: copy, files_hashed: sums.length, sums_sha256: sha256, uncached });
      if (!uncached)
        table.say(
          `WARNING: ${copy} cannot be read past the memory of the system, which may remember what was written.`,
        );
      table.say(
        `${String(sums.length)} files; SHA-256 of their list (as sha256sum prints it, without key files): ${sha256}`,
      );
      return DONE;
    }
  }
}

/** What the medium is, as far as the system shows it: said to everybody, and for the record. */
function liesOn({ dir, table }: Ceremony, path: string): JsonObject {
  const medium = mediumOf(path);
  const same = onOneDisk(path, dir);
  if (medium !== undefined) table.say(`${path} lies in ${mediumText(medium)}.`);
  const warning = diskWarning({ ...medium, same_disk: same });
  if (warning !== undefined) table.say(warning);
  return { ...medium, ...(same === undefined ? {} : { same_disk: same }) };
}

/** `example.org-0003`: the authority's domain and the number of this ceremony's transcript. */
function copyName({ plan, record }: Ceremony): string {
  const number = /transcripts\/(\d+)-/.exec(record.path)?.[1] ?? '';
  return `${plan.domain}-${number}`;
}

/** The copy that the latest ceremony made there. */
function newestCopy({ plan }: Ceremony, path: string): string | undefined {
  const prefix = `${plan.domain}-`;
  const copies = listFolder(path).filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)));
  const newest = copies.sort((a, b) => Number(b.slice(prefix.length)) - Number(a.slice(prefix.length)))[0];
  return newest === undefined ? undefined : join(path, newest);
}

/** Every file of an authority, relative to it; not what only a process at work has. */
function filesOf(dir: string): string[] {
  const top = listInside(dir, '').filter((name) => [SETTINGS_FILE, ALLOWED_SIGNERS_FILE].includes(name));
  return [...top, ...FOLDERS.flatMap((folder) => listInside(dir, folder).map((name) => `${folder}/${name}`))];
}

/** Why nothing of an authority is to be copied: a copy that holds a stranger, or what a link leads to, is none. */
async function faultOf(dir: string): Promise<string | undefined> {
  try {
    await openAuthority(dir);
    return undefined;
  } catch (error) {
    if (error instanceof CeremonyError) return error.message;
    throw error;
  }
}

/**
 * Why what has a copy's name is no copy on the medium at `path`: links and mounts may lead elsewhere, and to the
 * authority itself.
 */
function placeFault(dir: string, path: string, folder: string): string | undefined {
  if (!exists(folder)) return undefined;
  if (nameFactsOf(folder)?.kind !== 'folder') return `${folder} is no folder of its own on the medium`;
  const places = [folder, ...FOLDERS.map((name) => inAuthority(folder, name))];
  const files = filesOf(folder);
  const device = factsOf(path)?.device;
  const copied = files.map((file) => inAuthority(folder, file));
  const foreign = [...places, ...copied].find((place) => exists(place) && factsOf(place)?.device !== device);
  if (foreign !== undefined) return `${foreign} lies in another file system than ${path}`;
  const own = places.find((place) => liesInside(dir, place));
  if (own !== undefined) return `${own} is the authority itself, and no copy of it`;
  const shown = files.find((file) => isOwnFile(dir, file, inAuthority(folder, file)));
  return shown === undefined
    ? undefined
    : `${inAuthority(folder, shown)} is the authority's own file, and no copy of it`;
}

function copyFile(dir: string, folder: string, file: string): void {
  const bytes = readInside(dir, file, MAX_TRANSCRIPT_FILE);
  const to = inAuthority(folder, file);
  makeFolder(join(to, '..'));
  createFile(to, bytes, file.endsWith('.age') ? 0o600 : 0o644);
}

/**
 * Byte for byte, as the medium has them: what the system remembers of the copying says nothing. This ceremony's own
 * transcript has grown since: the copy has whole lines of it, from the first to where the copying began at least.
 */
function reread(ceremony: Ceremony, { planned }: Task, folder: string, note: JsonObject): Outcome {
  const { dir, record, table } = ceremony;
  const files = filesOf(folder);
  const least = lengthBeforeCopy(ceremony, folder);
  const remembered: string[] = [];
  const differing = files.filter((file) => {
    const mine = existsInside(dir, file) ? readInside(dir, file, MAX_TRANSCRIPT_FILE) : undefined;
    const { bytes: copied, uncached } = readUncachedInside(folder, file, MAX_TRANSCRIPT_FILE);
    if (!uncached) remembered.push(file);
    if (mine === undefined) return true;
    if (file !== record.path) return !equalBytes(mine, copied);
    const isWhole = least !== undefined && copied.length >= least && copied.at(-1) === LINE_END;
    return !isWhole || !equalBytes(mine.subarray(0, copied.length), copied);
  });
  const missing = filesOf(dir).filter((file) => !files.includes(file));
  const wrong = [...differing, ...missing];
  const uncached = remembered.length === 0;
  record.add('media', { ...note, step: planned.n, files_read: files.length, uncached, differing: wrong });
  table.say(`${String(files.length)} files read again from ${folder}; ${String(wrong.length)} differ or are missing.`);
  const lasts = note.in_memory !== true || isRehearsalDomain(ceremony.plan.domain);
  if (wrong.length === 0 && uncached && lasts) return DONE;
  const why =
    wrong.length === 0 && !lasts
      ? `${folder} is in memory, and gone when the machine is switched off: is the medium mounted there`
      : wrong.length === 0
        ? `this file system cannot be read past the memory of the system, which may remember what was written: ${folder}. Have the copy read on another machine`
        : least === undefined
          ? `no step of this ceremony has copied the authority to ${folder}`
          : `${wrong.slice(0, 5).join(', ')} differ or are missing in the copy`;
  return { kind: 'no', why };
}

/**
 * How many bytes this ceremony's transcript had when the copy in a folder was begun, by its own lines; where the
 * copying failed and people did it by hand, when that step was. Undefined where no step of it copies there.
 */
function lengthBeforeCopy({ dir, record, plan, script }: Ceremony, folder: string): number | undefined {
  const bytes = readInside(dir, record.path, MAX_TRANSCRIPT_FILE);
  const values = new Map(Object.entries(plan.parameters));
  const copies = (step: Step | undefined): boolean =>
    step?.kind === 'media' && step.action === 'copy' && dirname(folder) === resolve(fillIn(step.path, values));
  let [length, begun, copied]: [number, number | undefined, number | undefined] = [0, undefined, undefined];
  for (const { event, fields } of parseTranscript(bytes, { mayBeIncomplete: true }).entries) {
    length = bytes.indexOf(LINE_END, length) + 1;
    if (event === 'step' && copies(script.steps[Number(fields.step) - 1])) begun = length;
    if (event === 'media' && fields.action === 'copy' && fields.path === folder) copied = begun;
  }
  return copied ?? begun;
}
