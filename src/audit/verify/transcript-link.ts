/** The place of a transcript: in which authority it is, and whether it follows the one before it there. */
import { basename, dirname } from 'node:path';
import { headOf, MAX_TRANSCRIPT_FILE, NO_HEAD, parseTranscript } from '../../authority/formats/transcript.js';
import { existsInside, readInside } from '../../authority/ground/inside.js';
import { SETTINGS_FILE } from '../../authority/ground/layout.js';
import { transcriptFiles } from '../../authority/ledger/ledger.js';
import { CeremonyError, couldNot } from '../../common/errors.js';
import { realPath } from '../../common/files.js';
import type { FinishedTranscript } from './finished.js';

/**
 * Returns the authority of a file: the one that was `named`, or else the one that contains it, or else `fallback`;
 * undefined if there is none. Error: `no-authority`.
 */
export function authorityOf(path: string, named: string | undefined, fallback: string): string | undefined {
  const isAuthority = (dir: string): boolean => existsInside(dir, SETTINGS_FILE);
  if (named !== undefined && !isAuthority(named)) {
    throw couldNot('no-authority', `${named} is not an authority: it has no ${SETTINGS_FILE}`, {
      hint: 'Name the authority, or leave that out.',
      remedies: [{ option: 'dir' }],
    });
  }
  if (named !== undefined) return named;
  const folder = dirname(realPath(path));
  const own = dirname(folder);
  if (basename(folder) === 'transcripts' && isAuthority(own)) return own;
  return isAuthority(fallback) ? fallback : undefined;
}

/** `before` is the previous transcript, relative to the authority; undefined for an authority's first. */
export type Link =
  | { readonly state: 'linked'; readonly before: string | undefined }
  | { readonly state: 'broken' | 'unchecked'; readonly why: string };

interface Neighbour {
  readonly file: string;
  readonly head: string | undefined;
  readonly previous: string | undefined;
}

/** Checks that the transcript, which may be a copy, follows one of the authority's, and that no other does. */
export function linkOf({ head, previousTranscript }: FinishedTranscript, dir: string | undefined): Link {
  if (dir === undefined) return { state: 'unchecked', why: 'the authority is not at hand' };
  const all = transcriptFiles(dir).map((file) => neighbour(dir, file));
  const own = all.findIndex((one) => one.head === head);
  const rival = all.find((one) => one.previous === previousTranscript && one.head !== head);
  if (rival !== undefined)
    return { state: 'broken', why: `${rival.file} follows from the same transcript: the record forks` };
  if (own < 0 && all.length === 0) return { state: 'unchecked', why: `${dir} has no transcripts` };
  const before = own < 0 ? all.find((one) => one.head === previousTranscript) : all[own - 1];
  const expected = own === 0 ? NO_HEAD : before?.head;
  if (expected === previousTranscript) return { state: 'linked', before: before?.file };
  return {
    state: 'broken',
    why:
      own < 0
        ? `no transcript in ${dir} is this one, or the one before it`
        : own === 0
          ? 'it is the first one there, and says that another comes before it'
          : `${before?.file ?? ''} is not the transcript that it follows: one is missing, changed, or out of place`,
  };
}

function neighbour(dir: string, file: string): Neighbour {
  try {
    const bytes = readInside(dir, file, MAX_TRANSCRIPT_FILE);
    const head = headOf(bytes);
    return { file, head, previous: parseTranscript(bytes, { mayBeIncomplete: true }).previousTranscript };
  } catch (error) {
    // Damaged: nothing follows from it, and `ledger verify` reports it.
    if (!(error instanceof CeremonyError)) throw error;
    return { file, head: undefined, previous: undefined };
  }
}
