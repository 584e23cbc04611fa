/** Bags and seals: their numbers are typed when something is sealed, and must be exactly the same when it is opened. */
import { MAX_TRANSCRIPT_FILE, parseTranscript } from '../../authority/formats/transcript.js';
import { readInside } from '../../authority/ground/inside.js';
import { fillIn } from '../script/parameters.js';
import { beginsWithNo, byWhom, DONE, NOBODY, type Outcome, type RunningCeremony, type Task } from './step.js';

interface Numbers {
  readonly bag: string;
  readonly seal: string;
}

export async function seal(ceremony: RunningCeremony, task: Task): Promise<Outcome> {
  const { step, planned } = task;
  if (step.kind !== 'seal') throw new TypeError('not a seal step');
  const { dialogue, transcript, plan } = ceremony;
  if (!dialogue.present) return NOBODY;
  const what = fillIn(step.what, new Map(Object.entries(plan.parameters)));
  const bag = (await dialogue.ask(`Number of the bag of ${what}`)).trim();
  if (beginsWithNo(bag)) return { kind: 'no', why: `the bag is not as it should be (${bag})` };
  const number = (await dialogue.ask('Number of its seal')).trim();
  if (beginsWithNo(number)) return { kind: 'no', why: `the seal is not as it should be (${number})` };
  if (bag === '' || number === '') return { kind: 'no', why: 'a number is empty' };
  const by = byWhom(ceremony, task);
  const last = await lastSealing(ceremony, what);
  const known = step.action === 'open' ? last : undefined;
  const equal = known === undefined ? undefined : known.bag === bag && known.seal === number;
  transcript.add('seal', {
    step: planned.n,
    action: step.action,
    what,
    bag,
    seal: number,
    ...(equal === undefined ? {} : { as_sealed: equal }),
    by,
  });
  if (step.action === 'close') return DONE;
  if (known === undefined) return { kind: 'no', why: `no sealing of ${what} is on record` };
  return equal === true ? DONE : { kind: 'no', why: `these are not the numbers that ${what} was sealed with` };
}

/** Returns the latest sealing of a thing in the authority's transcripts, including the lines of this one. */
async function lastSealing(ceremony: RunningCeremony, what: string): Promise<Numbers | undefined> {
  const { authority } = await ceremony.context(() => Promise.resolve());
  let last: Numbers | undefined;
  for (const file of authority.transcripts.files) {
    const bytes = readInside(authority.dir, file, MAX_TRANSCRIPT_FILE);
    for (const { event, fields } of parseTranscript(bytes, { mayBeIncomplete: true }).entries) {
      if (event === 'seal' && fields.action === 'close' && fields.what === what) last = fields;
    }
  }
  return last;
}
