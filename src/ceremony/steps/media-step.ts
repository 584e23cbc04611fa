/**
 * Media: inserted, identified, written to, read again, removed. A copy is the whole authority in a folder of its own.
 */
import { dirname, join, resolve } from 'node:path';
import type { EventFields } from '../../authority/events/event.js';
import { MAX_TRANSCRIPT_FILE, parseTranscript } from '../../authority/formats/transcript.js';
import { existsInside, readInside, readUncachedInside } from '../../authority/ground/inside.js';
import { inAuthority } from '../../authority/ground/layout.js';
import { diskWarning, type Medium, mediumOf, mediumText, onOneDisk } from '../../authority/ground/medium.js';
import { liesInside } from '../../authority/ground/outside.js';
import { parseKeyUri } from '../../codec/key-uri.js';
import { equalBytes, toHex } from '../../common/bytes.js';
import { exists, isFolder, listFolder, realPath } from '../../common/files.js';
import { createFile, makeFolder } from '../../common/new-files.js';
import { isRehearsalDomain } from '../../credential/fqdn.js';
import { hash } from '../../crypto/hash.js';
import { fillIn } from '../script/parameters.js';
import type { Step } from '../script/script.js';
import { copyAround, copyName, extentOf, filesOf, newestCopy, whyElsewhere, whyNotWhole } from './copies.js';
import { byWhom, DONE, goesOn, NOBODY, type Outcome, type RunningCeremony, type Task } from './step.js';

const LINE_END = 0x0a;

type ReadAgain = Extract<EventFields<'media'>, { readonly action: 're-read' }>;

export async function media(ceremony: RunningCeremony, task: Task): Promise<Outcome> {
  const { step, planned } = task;
  if (step.kind !== 'media') throw new TypeError('not a media step');
  const { dialogue, transcript, plan } = ceremony;
  const values = new Map(Object.entries(plan.parameters));
  const medium = fillIn(step.medium, values);
  const place = fillIn(step.path, values);
  const path = resolve(place);
  const { action } = step;
  const note = { step: planned.n, action, medium };
  if (action === 'insert' || action === 'eject') {
    if (!dialogue.present) return NOBODY;
    return goesOn(ceremony, 'Enter when it is done; no stops', (answer) => {
      transcript.add('media', { ...note, action, answer, by: byWhom(ceremony, task) });
    });
  }
  if (place === '' || !isFolder(path))
    return { kind: 'no', why: `${place === '' ? 'nothing' : path} is not a folder: is the medium in its place` };
  if (liesInside(ceremony.dir, path))
    return { kind: 'no', why: `${path} is inside the authority, not a medium of its own` };
  const folder = join(path, copyName(ceremony));
  const lies = liesOn(ceremony, path);
  switch (action) {
    case 'identify': {
      const names = listFolder(path);
      transcript.add('media', { ...note, action, path, ...lies, holds: names.slice(0, 100) });
      dialogue.say(`${path} holds: ${names.length === 0 ? 'nothing' : names.slice(0, 20).join(', ')}`);
      return DONE;
    }
    case 'copy': {
      if (exists(folder)) return { kind: 'no', why: `${folder} is there already, and nothing is overwritten` };
      const fault = await whyNotWhole(ceremony.dir);
      if (fault !== undefined) return { kind: 'no', why: `nothing is copied: ${fault}` };
      const files = filesOf(ceremony.dir);
      for (const file of files) copyFile(ceremony.dir, folder, file);
      transcript.add('media', { ...note, action, path: folder, ...lies, files_copied: files.length });
      dialogue.say(`${String(files.length)} files are copied to ${folder}.`);
      return DONE;
    }
    case 're-read': {
      const fault = whyElsewhere(ceremony.dir, path, folder);
      if (fault !== undefined) return { kind: 'no', why: fault };
      return reread(ceremony, folder, { ...note, action, path: folder, ...lies });
    }
    case 'hash': {
      const keyFile = fileOf(fillIn(step.holds, values));
      const copy = keyFile === undefined ? (exists(folder) ? folder : newestCopy(ceremony, path)) : copyAround(keyFile);
      const fault = copy === undefined ? undefined : whyElsewhere(ceremony.dir, path, copy);
      if (fault !== undefined) return { kind: 'no', why: fault };
      if (copy === undefined || !exists(copy) || !realPath(copy).startsWith(`${realPath(path)}/`)) {
        const around = keyFile === undefined ? '' : ` around ${keyFile}`;
        return { kind: 'no', why: `${path} holds no copy of this authority${around}` };
      }
      return hashCopy(ceremony, copy, keyFile, note);
    }
  }
}

/** Returns the path of a key file from its URI, or undefined. */
function fileOf(uri: string): string | undefined {
  const key = uri === '' ? undefined : parseKeyUri(uri);
  return key?.kind === 'file' ? key.path : undefined;
}

/** Hashes a copy into one number to write down, and checks whether it could take this authority's place. */
async function hashCopy(
  ceremony: RunningCeremony,
  copy: string,
  keyFile: string | undefined,
  note: Pick<ReadAgain, 'step' | 'medium'>,
): Promise<Outcome> {
  const { transcript, dialogue } = ceremony;
  const read = filesOf(copy)
    .filter((file) => !file.endsWith('.age'))
    .map((file) => ({ file, ...readUncachedInside(copy, file, MAX_TRANSCRIPT_FILE) }));
  const extent = await extentOf(ceremony, copy, {
    read: new Map(read.map(({ file, bytes }) => [file, bytes])),
    keyFile,
  });
  if (typeof extent === 'string') return { kind: 'no', why: extent };
  const sums = read.map(({ file, bytes }) => `${toHex(hash('sha256', bytes))}  ${file}\n`);
  const sha256 = toHex(hash('sha256', new TextEncoder().encode(sums.join(''))));
  const uncached = read.every((one) => one.uncached);
  const { copied, known } = extent;
  transcript.add('media', {
    ...note,
    action: 'hash',
    path: copy,
    files_hashed: sums.length,
    sums_sha256: sha256,
    uncached,
    transcripts: copied,
  });
  if (!uncached)
    dialogue.say(`WARNING: ${copy} can only be read from the system's cache, which may hold what was written.`);
  dialogue.say(
    `${copy} is this authority as it was after ${String(copied)} of its ${String(known)} transcripts, and whole.`,
  );
  dialogue.say(
    `${String(sums.length)} files; SHA-256 of their list (as sha256sum prints it, without key files): ${sha256}`,
  );
  return DONE;
}

/** Returns what the medium is, as far as the system shows it, and tells everybody. */
function liesOn({ dir, dialogue }: RunningCeremony, path: string): Partial<Medium> & { readonly same_disk?: boolean } {
  const medium = mediumOf(path);
  const same = onOneDisk(path, dir);
  if (medium !== undefined) dialogue.say(`${path} is on ${mediumText(medium)}.`);
  const warning = diskWarning({ ...medium, same_disk: same });
  if (warning !== undefined) dialogue.say(warning);
  return { ...medium, ...(same === undefined ? {} : { same_disk: same }) };
}

function copyFile(dir: string, folder: string, file: string): void {
  const bytes = readInside(dir, file, MAX_TRANSCRIPT_FILE);
  const to = inAuthority(folder, file);
  makeFolder(join(to, '..'));
  createFile(to, bytes, file.endsWith('.age') ? 0o600 : 0o644);
}

/**
 * Compares a copy byte for byte, as the medium has it, since the system's cache proves nothing. This ceremony's own
 * transcript has grown since: the copy has whole lines of it, at least up to where the copying began.
 */
function reread(
  ceremony: RunningCeremony,
  folder: string,
  note: Omit<ReadAgain, 'files_read' | 'uncached' | 'differing'>,
): Outcome {
  const { dir, transcript, dialogue } = ceremony;
  const files = filesOf(folder);
  const least = lengthBeforeCopy(ceremony, folder);
  const remembered: string[] = [];
  const differing = files.filter((file) => {
    const mine = existsInside(dir, file) ? readInside(dir, file, MAX_TRANSCRIPT_FILE) : undefined;
    const { bytes: copied, uncached } = readUncachedInside(folder, file, MAX_TRANSCRIPT_FILE);
    if (!uncached) remembered.push(file);
    if (mine === undefined) return true;
    if (file !== transcript.path) return !equalBytes(mine, copied);
    const isWhole = least !== undefined && copied.length >= least && copied.at(-1) === LINE_END;
    return !isWhole || !equalBytes(mine.subarray(0, copied.length), copied);
  });
  const missing = filesOf(dir).filter((file) => !files.includes(file));
  const wrong = [...differing, ...missing];
  const uncached = remembered.length === 0;
  transcript.add('media', { ...note, files_read: files.length, uncached, differing: wrong });
  dialogue.say(
    `${String(files.length)} files read again from ${folder}; ${String(wrong.length)} differ or are missing.`,
  );
  const lasts = (note.device !== undefined && note.in_memory !== true) || isRehearsalDomain(ceremony.plan.domain);
  if (wrong.length === 0 && uncached && lasts) return DONE;
  const why =
    wrong.length === 0 && !lasts
      ? note.device === undefined
        ? `the system does not show what ${folder} is stored on`
        : `${folder} is in memory, and lost when the machine is switched off: is the medium mounted there`
      : wrong.length === 0
        ? `this file system can only be read from the system's cache, which may hold what was written: ${folder}. Have the copy read on another machine`
        : least === undefined
          ? `no step of this ceremony has copied the authority to ${folder}`
          : `${wrong.slice(0, 5).join(', ')} differ or are missing in the copy`;
  return { kind: 'no', why };
}

/**
 * Returns how many bytes this ceremony's transcript had when the copy in a folder was begun, by its own lines. If the
 * copying failed and people did it by hand, it is when that step was. Returns undefined if no step copies there.
 */
function lengthBeforeCopy({ dir, transcript, plan, script }: RunningCeremony, folder: string): number | undefined {
  const bytes = readInside(dir, transcript.path, MAX_TRANSCRIPT_FILE);
  const values = new Map(Object.entries(plan.parameters));
  const copies = (step: Step | undefined): boolean =>
    step?.kind === 'media' && step.action === 'copy' && dirname(folder) === resolve(fillIn(step.path, values));
  let [length, begun, copied]: [number, number | undefined, number | undefined] = [0, undefined, undefined];
  for (const { event, fields } of parseTranscript(bytes, { mayBeIncomplete: true }).entries) {
    length = bytes.indexOf(LINE_END, length) + 1;
    if (event === 'step' && copies(script.steps[fields.step - 1])) begun = length;
    if (event === 'media' && fields.action === 'copy' && fields.path === folder) copied = begun;
  }
  return copied ?? begun;
}
