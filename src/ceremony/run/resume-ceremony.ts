/** Continues a ceremony that was interrupted, or ends it. The caller holds the lock. */
import type { Authority } from '../../authority/authority.js';
import { eventsOf, type TranscriptEntry } from '../../authority/formats/transcript.js';
import { existsInside, readInside } from '../../authority/ground/inside.js';
import { inAuthority } from '../../authority/ground/layout.js';
import { OpenTranscript } from '../../authority/open-transcript.js';
import { refused } from '../../common/errors.js';
import { allowedSignersFor } from '../people/allowed-signers.js';
import { approvalsOf } from '../people/approvals.js';
import { paperHeadIn } from '../people/paper-head.js';
import { decodePlan, MAX_PLAN_FILE, type Plan, planHash } from '../plan/ceremony-plan.js';
import { checkSettings } from '../plan/make-plan.js';
import type { StepResult } from '../script/step-operations.js';
import { type CeremonyContext, ceremonyOf, type Ended, scriptOf } from './begin-ceremony.js';
import { type Progress, progressOf } from './progress.js';
import { runSteps } from './runner.js';
import { credentialsIn } from './show-made.js';

/** Where an interrupted ceremony stopped. Error: `no-ceremony`. */
export interface Interrupted {
  readonly plan: Plan;
  readonly progress: Progress;
  readonly transcript: OpenTranscript;
}

/**
 * Continues the newest transcript, which has no end. `tell` says what was done, what was not and what is unknown,
 * before anything happens. Errors: `no-ceremony`, `bad-plan`, those of `runSteps`.
 */
export async function resumeCeremony(
  authority: Authority,
  context: CeremonyContext,
  tell: (interrupted: Interrupted) => void,
): Promise<Ended> {
  const { dir, transcripts } = authority;
  const path = transcripts.files.at(-1);
  if (path === undefined || !transcripts.incomplete) {
    throw noCeremony();
  }
  const { transcript, parsed, tornSha256 } = OpenTranscript.reopen(dir, path, context.now);
  const planPath = `${path}.plan.json`;
  if (!existsInside(dir, planPath)) throw withoutPlan(transcript);
  const planFile = inAuthority(dir, planPath);
  const bytes = readInside(dir, planPath, MAX_PLAN_FILE);
  const [recorded] = eventsOf(parsed.entries, 'plan');
  if (recorded?.fields.sha256 !== planHash(bytes)) {
    throw refused('bad-plan', `${path}.plan.json is not the plan that the transcript names`, {
      hint: 'Restore it from a copy.',
    });
  }
  const plan = await decodePlan(bytes);
  checkStillApproved(authority, plan, { planFile, bytes, rehearsal: transcript.rehearsal }, context);
  const progress = withOpenResult(dir, progressOf(plan, parsed.entries), parsed.entries);
  tell({ plan, progress, transcript });
  transcript.add('resumed', {
    ...(tornSha256 === undefined ? {} : { torn_line_sha256: tornSha256 }),
    done: [...progress.ended.keys()],
    open_step: progress.open?.n ?? null,
    open_step_complete: progress.openCommitted,
    unknown: progress.openIntent && !progress.openCommitted,
  });
  if (context.noted !== undefined && context.noted.length > 0) transcript.append(context.noted);
  const ceremony = ceremonyOf(dir, await scriptOf(plan), plan, transcript, context, progress);
  const head = await runSteps(ceremony, { ...progress, begun: true, paper: paperHeadIn(parsed) });
  return { transcript: path, head, toSign: ceremony.toSign };
}

/**
 * Checks that whatever permitted the ceremony to begin still permits it to continue. Errors: `domain-mismatch`,
 * `plan-outdated`, `bad-approval`, `too-few-approvals`.
 */
function checkStillApproved(
  authority: Authority,
  plan: Plan,
  begun: { readonly planFile: string; readonly bytes: Uint8Array; readonly rehearsal: boolean },
  context: CeremonyContext,
): void {
  const { dir, settings } = authority;
  if (plan.domain !== settings.domain || begun.rehearsal !== (context.rehearsal === true)) {
    throw refused('domain-mismatch', `the ceremony was begun for ${plan.domain}, and this is ${settings.domain}`, {
      hint: 'Resume it where it was begun.',
    });
  }
  checkSettings(authority, plan);
  if (begun.rehearsal) return;
  const needs = { least: settings.approvals, atSeconds: context.now() };
  approvalsOf(begun.planFile, begun.bytes, allowedSignersFor(undefined, dir)?.bytes, needs);
}

export function noCeremony(): Error {
  return refused('no-ceremony', 'no ceremony was interrupted in this authority', {
    hint: 'Begin one, or check those on record.',
    remedies: [{ command: 'run', args: ['SCRIPT'] }, { command: 'ledger verify' }],
  });
}

/**
 * Handles a crash before the plan was on the disk, when no step had begun: the transcript is ended, which does not
 * count as the end of a ceremony.
 */
function withoutPlan(transcript: OpenTranscript): Error {
  transcript.end([], { outcome: 'aborted', why: 'it was interrupted before its first step' });
  return refused(
    'no-ceremony',
    'the ceremony was interrupted before its first step: nothing was done, and its transcript is now ended',
    {
      hint: 'Begin it again.',
      remedies: [{ command: 'run', args: ['SCRIPT'] }],
    },
  );
}

/** Adds the result of a step whose changes were complete, taken from its files. */
function withOpenResult(dir: string, progress: Progress, entries: readonly TranscriptEntry[]): Progress {
  if (progress.open === undefined || !progress.openCommitted) return progress;
  const files =
    eventsOf(entries, 'files')
      .at(-1)
      ?.fields.files.map(({ path }) => path) ?? [];
  const [made] = credentialsIn(dir, files);
  const result: StepResult = {
    ...(made === undefined ? {} : { fingerprint: made.fingerprint }),
    files,
  };
  return { ...progress, results: new Map([...progress.results, [progress.open.id, result]]) };
}
