/**
 * Checks, before anything is signed, that this is the record that is remembered, or whose head is on paper; and
 * afterwards remembers its new state.
 */
import { lastWitnessed } from '../../audit/verify/last-witnessed.js';
import {
  judgeLedger,
  type LedgerEnd,
  type Outside,
  sequenceToRemember,
  whyRewritten,
} from '../../audit/verify/ledger-trust.js';
import { type Authority, openAuthority } from '../../authority/authority.js';
import type { NewEvent } from '../../authority/events/event.js';
import { NO_HEAD } from '../../authority/formats/transcript.js';
import type { AuthorityIdentity } from '../../authority/memory.js';
import { firstFew } from '../../common/cut.js';
import { CeremonyError, refused, usage } from '../../common/errors.js';
import { exists } from '../../common/files.js';
import { isRehearsalDomain } from '../../credential/fqdn.js';
import type { CommandContext, GlobalOptions } from '../program/context.js';
import type { Until } from '../terminal/interrupt.js';
import { detail, note } from '../terminal/output.js';
import { printable } from '../terminal/render.js';

/** What is typed to continue with a record that isn't the remembered one. */
const WORDS = 'go on with another record';
/** What is typed if nothing outside the folder vouches for what was put on record. */
const OURS = 'these are ours';

export interface PassedLedger {
  /** Sentences for the preview. */
  readonly said: readonly string[];
  /** For the transcript, if somebody agreed in words to continue. */
  readonly noted: readonly NewEvent[];
}

/** Returns the head given with --head, in hex without groups. Error: `usage`. */
export function headOption({ head }: GlobalOptions): string | undefined {
  const hex = head?.replace(/[\s-]/g, '').toLowerCase();
  if (hex === undefined || /^[0-9a-f]{64}$/.test(hex)) return hex;
  throw usage(`--head ${JSON.stringify(head)} is not the head of a transcript: 64 hex digits`, {
    hint: 'Type it as it is on paper, or as ledger verify showed it.',
  });
}

/**
 * Runs `action` on a record that passed, and always remembers its state afterwards. A person may be asked `until` a
 * signal comes. Errors: those of `passLedger`, and of the action.
 */
export async function onLedger<T>(
  context: CommandContext,
  authority: Authority,
  until: Until,
  action: (passed: PassedLedger) => Promise<T>,
): Promise<T> {
  const passed = await until(() => passLedger(context, authority));
  try {
    return await action(passed);
  } finally {
    await rememberLedger(context, authority.dir, authority.transcripts.head);
  }
}

/** Checks the record. Errors: `head-differs`, `history-rewritten`, `record-unvouched`, kind `interrupted`. */
async function passLedger(context: CommandContext, authority: Authority): Promise<PassedLedger> {
  const { transcripts, settings, dir } = authority;
  const head = headOption(context.options);
  if (head !== undefined && head !== transcripts.head) throw headDiffers(head, transcripts.head);
  if (isRehearsalDomain(settings.domain)) return { said: [], noted: [] };
  const { said, rewritten, unvouched } = judgeLedger(authority, {
    ...rememberedOf(context, identityOf(authority)),
    lastWitnessed: () => lastWitnessed(dir, transcripts.files),
  });
  if (rewritten !== undefined)
    return { said, noted: [await goOn(context, historyRewritten(rewritten), rewritten, WORDS)] };
  if (head !== undefined) return { said: [], noted: [] };
  if (unvouched.length === 0) return { said, noted: [] };
  const what = `nothing but the folder vouches for ${namesIn(unvouched.map(({ path }) => path))} (${namesIn(unvouched.map(({ transcript }) => transcript))}), on record since it was last changed by this user on this machine`;
  return { said, noted: [await goOn(context, ledgerUnvouched(what), what, OURS)] };
}

function rememberedOf({ memory }: CommandContext, identity: AuthorityIdentity): Pick<Outside, 'remembered' | 'others'> {
  return {
    remembered: memory?.of(identity),
    others: memory?.ofDomain(identity.domain).filter(({ first }) => first !== identity.first) ?? [],
  };
}

/**
 * Returns an error, for commands that only read, if a record is not the one that is remembered here; undefined if it
 * is.
 */
export function rewrittenHere(context: CommandContext, domain: string, end: LedgerEnd): CeremonyError | undefined {
  if (isRehearsalDomain(domain)) return undefined;
  const why = whyRewritten(end, rememberedOf(context, { domain, first: end.transcripts.first }));
  return why === undefined ? undefined : historyRewritten(why);
}

export function headDiffers(wanted: string, head: string): CeremonyError {
  return refused('head-differs', `the head of the newest transcript is ${head}, and not ${wanted}`, {
    hint: 'Something was added, taken away or changed since that head was written down, or it is another authority. Sign nothing before you have found out what.',
    remedies: [{ command: 'ledger verify' }],
  });
}

function historyRewritten(why: string): CeremonyError {
  return refused('history-rewritten', `this is not the record that is remembered here: ${why}`, {
    hint: 'An older copy is in its place, or somebody rewrote it: what was signed since is unknown to it, and what it signs may contradict that. Put the newest copy back. Whoever knows why it is so may go on at a terminal, in typed words.',
  });
}

/**
 * Makes the error for unconfirmed records: the next command would use a root, a key record or a revocation from a
 * planted transcript without anybody asking for it.
 */
function ledgerUnvouched(what: string): CeremonyError {
  return refused('record-unvouched', what, {
    hint: 'If you or another of the authority’s people did that elsewhere, give --head with the head of the newest transcript, from paper; or go on at a terminal, in typed words. If nobody did, somebody put it there: move these files and their transcripts away.',
  });
}

function namesIn(names: readonly string[]): string {
  return firstFew([...new Set(names)]);
}

/**
 * Explains what it means. At a terminal, whoever knows the reason may continue, in words that --yes does not replace.
 */
async function goOn(
  { terminal }: CommandContext,
  error: CeremonyError,
  what: string,
  words: string,
): Promise<NewEvent> {
  if (!terminal.isPresent) throw error;
  terminal.say(`warning: ${printable(error.message)}.\n${printable(error.hint ?? '')}`);
  const answer = await terminal.askLine(`Go on all the same (type: ${words})`);
  if (answer !== words) throw error;
  return { event: 'memory', fields: { what, answer } };
}

function identityOf({ settings: { domain }, transcripts }: Authority): AuthorityIdentity {
  return { domain, first: transcripts.first };
}

/**
 * Remembers the state of the record if it has grown since `before`. If that fails, a note says so, and nothing else
 * fails.
 */
export async function rememberLedger(context: CommandContext, dir: string, before = NO_HEAD): Promise<void> {
  const { memory, options } = context;
  if (memory === undefined) return;
  try {
    const authority = await openAuthority(dir);
    const { transcripts, newestSeconds, settings } = authority;
    if (newestSeconds === undefined || transcripts.head === before || isRehearsalDomain(settings.domain)) return;
    const { head } = transcripts;
    memory.keep({ ...identityOf(authority), head, sequence: sequenceToRemember(authority), atSeconds: newestSeconds });
  } catch (error) {
    if (!(error instanceof CeremonyError)) throw error;
    // A system that runs from a medium may not keep anything. Then there is no memory, just as if there were no folder
    // for it.
    const say = exists(memory.folder) ? note : detail;
    say(options, `note: the state of the record could not be remembered: ${printable(error.message)}`);
  }
}
