/**
 * Copies of an authority on a medium: which one is meant, whether it is complete, and whether it belongs to this
 * record.
 */
import { basename, dirname, isAbsolute, join } from 'node:path';
import { type Authority, openAuthority } from '../../authority/authority.js';
import { MAX_TRANSCRIPT_FILE } from '../../authority/formats/transcript.js';
import { existsInside, listInside, readInside, readUncachedInside } from '../../authority/ground/inside.js';
import { ALLOWED_SIGNERS_FILE, FOLDERS, inAuthority, SETTINGS_FILE } from '../../authority/ground/layout.js';
import { isOwnFile } from '../../authority/ground/medium.js';
import { liesInside } from '../../authority/ground/outside.js';
import { parseKeyUri } from '../../codec/key-uri.js';
import { equalBytes } from '../../common/bytes.js';
import { firstFew } from '../../common/cut.js';
import { CeremonyError } from '../../common/errors.js';
import { exists, factsOf, listFolder } from '../../common/files.js';
import { nameFactsOf } from '../../common/name-facts.js';
import { MAX_KEY_FILE, readAgeFile } from '../../signer/age-header.js';
import { allowedSignersFor } from '../people/allowed-signers.js';
import type { RunningCeremony } from './step.js';

const LINE_END = 0x0a;

/** Returns every file of an authority, relative to it, except those that only exist while a process is working. */
export function filesOf(dir: string): string[] {
  const top = listInside(dir, '').filter((name) => [SETTINGS_FILE, ALLOWED_SIGNERS_FILE].includes(name));
  return [...top, ...FOLDERS.flatMap((folder) => listInside(dir, folder).map((name) => `${folder}/${name}`))];
}

/** Returns `example.org-0003`: the authority's domain and the number of this ceremony's transcript. */
export function copyName({ plan, transcript }: RunningCeremony): string {
  const number = /transcripts\/(\d+)-/.exec(transcript.path)?.[1] ?? '';
  return `${plan.domain}-${number}`;
}

/** Returns the newest copy on the medium at `path`. */
export function newestCopy({ plan }: RunningCeremony, path: string): string | undefined {
  const prefix = `${plan.domain}-`;
  const copies = listFolder(path).filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)));
  const newest = copies.sort((a, b) => Number(b.slice(prefix.length)) - Number(a.slice(prefix.length)))[0];
  return newest === undefined ? undefined : join(path, newest);
}

/**
 * Returns why an authority must not be copied: a copy with a foreign file, or with what a link leads to, would not be
 * one.
 */
export async function whyNotWhole(dir: string): Promise<string | undefined> {
  const opened = await authorityOrWhyNot(dir);
  return typeof opened === 'string' ? opened : undefined;
}

async function authorityOrWhyNot(dir: string): Promise<Authority | string> {
  try {
    return await openAuthority(dir);
  } catch (error) {
    if (error instanceof CeremonyError)
      return [error.message, ...error.findings.slice(0, 1).map(({ message }) => message)].join(': ');
    throw error;
  }
}

/**
 * Returns why something with a copy's name is not a copy on the medium at `path`: links and mounts may lead elsewhere,
 * or to the authority itself.
 */
export function whyElsewhere(dir: string, path: string, folder: string): string | undefined {
  if (!exists(folder)) return undefined;
  if (nameFactsOf(folder)?.kind !== 'folder') return `${folder} is not a folder of its own on the medium`;
  const places = [folder, ...FOLDERS.map((name) => inAuthority(folder, name))];
  const files = filesOf(folder);
  const device = factsOf(path)?.device;
  const copied = files.map((file) => inAuthority(folder, file));
  const foreign = [...places, ...copied].find((place) => exists(place) && factsOf(place)?.device !== device);
  if (foreign !== undefined) return `${foreign} is on another file system than ${path}`;
  const own = places.find((place) => liesInside(dir, place));
  if (own !== undefined) return `${own} is the authority itself, not a copy of it`;
  const shown = files.find((file) => isOwnFile(dir, file, inAuthority(folder, file)));
  return shown === undefined
    ? undefined
    : `${inAuthority(folder, shown)} is the authority's own file, not a copy of it`;
}

/** How far a copy goes: it has the first `copied` of `known` transcripts. */
export interface CopyExtent {
  readonly copied: number;
  readonly known: number;
}

/**
 * Returns how far a copy could take this authority's place, as it was when the copy was made, or a text that says why
 * it could not. It must open as an authority, and have exactly the files that this one had then. Settings,
 * allowed_signers and key files may have changed since. `read` are the copy's files, as the medium has them. `keyFile`
 * is the copy's file of the key for which it is kept, and which must be on record in it.
 */
export async function extentOf(
  { dir }: RunningCeremony,
  copy: string,
  { read, keyFile }: { readonly read: ReadonlyMap<string, Uint8Array>; readonly keyFile: string | undefined },
): Promise<CopyExtent | string> {
  const opened = await authorityOrWhyNot(copy);
  if (typeof opened === 'string') return `${copy} is not a whole authority: ${opened}`;
  const { files } = opened.transcripts;
  const newest = files.at(-1);
  if (newest === undefined) return `${copy} has no transcript`;
  if (keyFile !== undefined && !opened.keyRecords.some(({ uri }) => uri === `file:keys/${basename(keyFile)}`))
    return `${copy} has no record of the key in ${keyFile}`;
  const differing = [...read]
    .filter(([file, bytes]) => !mayDiffer(file) && !isCopied(dir, file, bytes, file === newest))
    .map(([file]) => file);
  if (differing.length > 0) return `${firstFew(differing)} in ${copy} are not as they are in this authority`;
  const own = await openAuthority(dir);
  const lacks = missingFiles(own, opened);
  if (lacks.length > 0) return `${firstFew(lacks)} ${lacks.length === 1 ? 'is' : 'are'} not in ${copy}`;
  return whyUnreadable(opened) ?? { copied: files.length, known: own.transcripts.files.length };
}

/**
 * Returns what a copy lacks though an authority opens without it: files of keys, requests, allowed_signers. What is not
 * here either is not asked for: a key may never have been at this site, or may have been destroyed since.
 */
function missingFiles(own: Authority, copy: Authority): readonly string[] {
  const wanted = [...keyFilesOf(copy), ...copy.missingRequests.map(({ file }) => file), ALLOWED_SIGNERS_FILE];
  return wanted.filter((file) => existsInside(own.dir, file) && !existsInside(copy.dir, file));
}

/** The files of its keys that lie in it, relative to it; a key that is destroyed, or is being destroyed, has none. */
function keyFilesOf({ keyRecords }: Authority): readonly string[] {
  const living = keyRecords.filter(({ end }) => end === undefined).map(({ uri }) => parseKeyUri(uri));
  return living.flatMap((key) => (key.kind === 'file' && !isAbsolute(key.path) ? [key.path] : []));
}

/** Says which file that may have changed since is not even of its kind; undefined if none is. */
function whyUnreadable(copy: Authority): string | undefined {
  try {
    allowedSignersFor(undefined, copy.dir);
    for (const file of keyFilesOf(copy).filter((one) => existsInside(copy.dir, one)))
      readAgeFile(readUncachedInside(copy.dir, file, MAX_KEY_FILE).bytes, inAuthority(copy.dir, file));
    return undefined;
  } catch (error) {
    if (error instanceof CeremonyError) return error.message;
    throw error;
  }
}

/** Returns whether a file is one that people change by hand, or that a new passphrase changes. */
function mayDiffer(file: string): boolean {
  return [SETTINGS_FILE, ALLOWED_SIGNERS_FILE].includes(file) || file.endsWith('.age');
}

/**
 * Returns whether a file was copied exactly. The transcript that was being written then has grown since by whole lines.
 */
function isCopied(dir: string, file: string, copied: Uint8Array, hasGrown: boolean): boolean {
  if (!existsInside(dir, file)) return false;
  const mine = readInside(dir, file, MAX_TRANSCRIPT_FILE);
  return equalBytes(hasGrown && copied.at(-1) === LINE_END ? mine.subarray(0, copied.length) : mine, copied);
}

/** Returns the folder of the copy that contains a key's file, as `media: copy` makes one: `COPY/keys/NAME.age`. */
export function copyAround(keyFile: string): string | undefined {
  return basename(dirname(keyFile)) === 'keys' ? dirname(dirname(keyFile)) : undefined;
}
