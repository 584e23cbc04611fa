/** Ends an interrupted ceremony for good, in words that somebody types. The caller holds the lock. */
import type { Authority } from '../../authority/authority.js';
import {
  eventsOf,
  MAX_TRANSCRIPT_FILE,
  parseUnderWay,
  type TranscriptEntry,
} from '../../authority/formats/transcript.js';
import { existsInside, readInside } from '../../authority/ground/inside.js';
import { OpenTranscript } from '../../authority/open-transcript.js';
import { CeremonyError } from '../../common/errors.js';
import { RESUME } from '../../common/remedy.js';
import type { Preview } from '../../operations/context/operation-context.js';
import { agreementOf, mustAgree } from '../people/agreement.js';
import { decodePlan, MAX_PLAN_FILE, type Plan } from '../plan/ceremony-plan.js';
import type { CeremonyContext, Ended } from './begin-ceremony.js';
import { progressOf } from './progress.js';
import { noCeremony } from './resume-ceremony.js';

const WORDS = 'end this ceremony';

/** What a ceremony that was ended leaves in the authority. */
export interface Left {
  /** Files that its steps wrote, relative to the authority. */
  readonly files: readonly string[];
  /** Numbers and ids of the completed steps. */
  readonly done: readonly string[];
  /** A step that had begun to make keys or signatures, so that it is unknown whether it made any. */
  readonly unknown: string | undefined;
}

/** Ends the ceremony. Errors: `no-ceremony`, `declined`, kind `interrupted`. */
export async function abortCeremony(
  { dir, transcripts }: Authority,
  context: Pick<CeremonyContext, 'now' | 'dialogue'>,
): Promise<Ended & { readonly left: Left }> {
  const path = transcripts.files.at(-1);
  if (path === undefined || !transcripts.incomplete) throw noCeremony();
  const { left, toSign } = await leftBy(dir, path);
  const preview = previewOf(path, left);
  const { answer, by } = await agreementOf(context.dialogue, preview, 'whoever sits at the terminal');
  mustAgree(preview, answer, { hint: 'Resume it.', remedies: RESUME });
  const { transcript } = OpenTranscript.reopen(dir, path, context.now);
  const { head } = transcript.end(toSign, {
    outcome: 'aborted',
    why: 'it was interrupted, and ended for good',
    ...(answer === undefined ? {} : { answer }),
    by,
  });
  return { transcript: path, head, toSign, left };
}

async function leftBy(dir: string, path: string): Promise<{ readonly left: Left; readonly toSign: readonly string[] }> {
  const bytes = readInside(dir, path, MAX_TRANSCRIPT_FILE);
  // A line that a crash tore is ignored.
  const { entries } = parseUnderWay(bytes).parsed;
  const files = filesIn(entries);
  const plan = await planAt(dir, `${path}.plan.json`);
  if (plan === undefined) return { left: { files, done: [], unknown: undefined }, toSign: [] };
  const { ended, open, openIntent, openCommitted, toSign } = progressOf(plan, entries);
  const name = ({ n, id }: { readonly n: number; readonly id: string }): string => `${String(n)} (${id})`;
  return {
    left: {
      files,
      done: plan.steps.filter(({ n }) => ended.get(n) === 'done').map(name),
      unknown: open !== undefined && openIntent && !openCommitted ? name(open) : undefined,
    },
    toSign,
  };
}

function filesIn(entries: readonly TranscriptEntry[]): readonly string[] {
  const all = eventsOf(entries, 'files')
    .flatMap(({ fields }) => fields.files.map(({ path }) => path))
    .filter((path) => !path.startsWith('transcripts/'));
  return [...new Set(all)];
}

/**
 * Returns the plan if it can be read. It is not needed to end a ceremony, and may be the very reason why the ceremony
 * cannot go on.
 */
async function planAt(dir: string, path: string): Promise<Plan | undefined> {
  if (!existsInside(dir, path)) return undefined;
  try {
    return await decodePlan(readInside(dir, path, MAX_PLAN_FILE));
  } catch (error) {
    if (error instanceof CeremonyError) return undefined;
    throw error;
  }
}

function previewOf(file: string, { files, done, unknown }: Left): Preview {
  return {
    title: 'The end of an interrupted ceremony, for good',
    rows: [
      ['transcript', file],
      ['steps that are done', done.join(', ') || 'none'],
      ['begun, and unknown', unknown ?? 'none'],
      ['files that stay', files.join(', ') || 'none'],
    ],
    changes: [
      'the transcript ends with the outcome aborted, and nothing else is done',
      'what was made stays as it is, and status lists it; nothing is undone',
    ],
    warnings: ['A key that a step was just making in a token stays there.'],
    words: WORDS,
  };
}
