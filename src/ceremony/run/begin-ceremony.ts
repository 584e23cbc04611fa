/** Begins a ceremony in an authority. The caller holds the lock. */
import { type Authority, openAuthority } from '../../authority/authority.js';
import type { NewEvent } from '../../authority/events/event.js';
import { transcriptPath } from '../../authority/formats/transcript.js';
import { commit } from '../../authority/journal/transaction.js';
import { checkNotBefore } from '../../authority/not-before.js';
import { OpenTranscript } from '../../authority/open-transcript.js';
import { startFields, type Writer } from '../../authority/store.js';
import { toHex, utf8 } from '../../common/bytes.js';
import { couldNot } from '../../common/errors.js';
import { RESUME_OR_ABORT } from '../../common/remedy.js';
import { hash } from '../../crypto/hash.js';
import { confirmWithSettings, type OperationContext } from '../../operations/context/operation-context.js';
import type { Approval } from '../people/approvals.js';
import type { Dialogue } from '../people/dialogue.js';
import { type Person, personFields } from '../people/people.js';
import { checkWindow, encodePlan, type Plan, planHash, windowOf } from '../plan/ceremony-plan.js';
import type { PreflightFinding } from '../preflight/preflight.js';
import type { FileHash } from '../preflight/program-hashes.js';
import { readScript } from '../script/read-script.js';
import type { Script } from '../script/script.js';
import type { StepResult } from '../script/step-operations.js';
import { Keyring } from '../steps/keyring.js';
import type { RunningCeremony } from '../steps/step.js';
import type { Progress } from './progress.js';
import { runSteps } from './runner.js';

/** What a ceremony is given to work with. */
export interface CeremonyContext extends Pick<
  OperationContext,
  'buildSeconds' | 'random' | 'engines' | 'secrets' | 'hsm' | 'rehearsal'
> {
  readonly writer: Writer;
  /** Unix seconds. */
  readonly now: () => number;
  readonly dialogue: Dialogue;
  readonly preflight: (authority: Authority) => Promise<readonly PreflightFinding[]>;
  readonly programHashes: () => readonly FileHash[];
  readonly nodeVersion: string;
  /** How far the record is confirmed from outside the folder, for the first preview. */
  readonly said?: readonly string[];
  /** What a person agreed to in words before the ceremony began. */
  readonly noted?: readonly NewEvent[];
}

export interface Ended {
  /** Relative to the authority. */
  readonly transcript: string;
  readonly head: string;
  /** Principals who are to sign the transcript. */
  readonly toSign: readonly string[];
}

/** Begins the ceremony. Errors: `outside-window`, `transcript-unfinished`, those of `runSteps`. */
export async function beginCeremony(
  authority: Authority,
  plan: Plan,
  approvals: readonly Approval[],
  context: CeremonyContext,
): Promise<Ended> {
  const { dir, transcripts } = authority;
  checkWindow(plan, context.now());
  if (transcripts.incomplete) {
    throw couldNot(
      'transcript-unfinished',
      `${transcripts.files.at(-1) ?? ''} has no end: a ceremony was interrupted`,
      {
        hint: 'Resume it, or end it for good.',
        remedies: RESUME_OR_ABORT,
      },
    );
  }
  checkNotBefore(authority, context.now());
  const path = transcriptPath(transcripts.nextNumber, context.rehearsal === true ? 'rehearse' : 'run');
  const fields = startFields(context.writer, context.rehearsal === true ? 'rehearse' : 'run');
  const start = { previousHead: transcripts.head, fields, rehearsal: context.rehearsal === true };
  const transcript = OpenTranscript.begin(dir, path, start, context.now);
  recordBegin(transcript, plan, approvals, context);
  const ceremony = ceremonyOf(dir, await scriptOf(plan), plan, transcript, context, undefined);
  const going = {
    begun: false,
    ended: new Map(),
    open: undefined,
    openCommitted: false,
    openIntent: false,
    startedAt: context.now(),
    results: new Map<string, StepResult>(),
  };
  const head = await runSteps(ceremony, going);
  return { transcript: path, head, toSign: ceremony.toSign };
}

/**
 * Records what comes before the first step: tool, script, plan with its approvals, people. The plan itself is put
 * beside the transcript.
 */
function recordBegin(
  transcript: OpenTranscript,
  plan: Plan,
  approvals: readonly Approval[],
  context: CeremonyContext,
): void {
  const bytes = encodePlan(plan);
  const planFile = `${transcript.path}.plan.json`;
  const files = [
    { path: planFile, bytes },
    ...approvals.map(({ principal, signature }) => ({ path: `${planFile}.${principal}.sig`, bytes: signature })),
  ];
  transcript.append(
    [
      ...(context.noted ?? []),
      {
        event: 'program',
        fields: {
          version: context.writer.toolVersion,
          node: context.nodeVersion,
          hashes: context.programHashes().map(({ name, sha256 }) => ({ name, sha256 })),
        },
      },
      { event: 'script', fields: { name: plan.ceremony, title: plan.title, sha256: plan.script.sha256 } },
      {
        event: 'plan',
        fields: {
          sha256: planHash(bytes),
          made_at: plan.made_at,
          window: plan.window,
          approvals: approvals.map(({ principal, key }) => ({ principal, key })),
        },
      },
      { event: 'people', fields: { people: plan.people.map(personFields) } },
      {
        event: 'files',
        fields: { files: files.map((file) => ({ path: file.path, sha256: toHex(hash('sha256', file.bytes)) })) },
      },
    ],
    (lines) => {
      commit(transcript.dir, 'run', files, lines);
    },
  );
}

export function scriptOf(plan: Plan): ReturnType<typeof readScript> {
  return readScript(plan.ceremony, utf8(plan.script.text));
}

export function ceremonyOf(
  dir: string,
  script: Script,
  plan: Plan,
  transcript: OpenTranscript,
  context: CeremonyContext,
  progress: Progress | undefined,
): RunningCeremony {
  const keyring = new Keyring();
  const said = [...(context.said ?? [])];
  const { from } = windowOf(plan);
  const people: readonly Person[] = progress?.people ?? plan.people;
  return {
    dir,
    script,
    plan,
    planSha256: planHash(encodePlan(plan)),
    dialogue: context.dialogue,
    transcript,
    keyring,
    random: context.random,
    context: async (confirm) => {
      const authority = await openAuthority(dir);
      const { buildSeconds, random, engines, secrets, hsm, rehearsal } = context;
      return {
        authority,
        atSeconds: from,
        clockSeconds: context.now(),
        buildSeconds,
        random,
        engines,
        secrets,
        hsm,
        keys: keyring,
        planned: true,
        recordIn: transcript,
        confirm: confirmWithSettings(authority, confirm, said),
        ...(rehearsal === undefined ? {} : { rehearsal }),
      };
    },
    preflight: async () => context.preflight(await openAuthority(dir)),
    results: new Map(progress?.results ?? []),
    toSign: [...(progress?.toSign ?? [])],
    sources: new Map(progress?.sources ?? []),
    people,
  };
}
