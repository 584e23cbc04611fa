/** Automatic checks: the machine, the authority, its key files, its newest bundle. */
import { existsInside } from '../../authority/ground/inside.js';
import { parseKeyUri } from '../../codec/key-uri.js';
import { counted } from '../../common/counted.js';
import { type Advice, adviceOf, CeremonyError, refused } from '../../common/errors.js';
import type { OperationContext } from '../../operations/context/operation-context.js';
import { checkRoots } from '../../operations/credentials/roots.js';
import { verifiedHistory } from '../../operations/lifecycle/bundle-history.js';
import type { CheckName } from '../script/script.js';
import { DONE, type Outcome, type RunningCeremony, type Task } from './step.js';

interface Seen extends Advice {
  readonly id: string;
  readonly verdict: 'ok' | 'warn' | 'refuse' | 'ignored';
  readonly saw: string;
}

export async function check(ceremony: RunningCeremony, { step, planned }: Task): Promise<Outcome> {
  if (step.kind !== 'check') throw new TypeError('not a check step');
  const { dialogue, transcript } = ceremony;
  const against: string[] = [];
  let warnings = 0;
  for (const name of step.checks) {
    for (const { id, verdict, saw, hint, remedies = [] } of await look(ceremony, name)) {
      transcript.add('check', { step: planned.n, id, verdict, saw, ...(hint === undefined ? {} : { hint }) });
      const line = `  ${verdict.toUpperCase().padEnd(7)} ${id}: ${saw}`;
      const isFine = verdict === 'ok' || verdict === 'ignored' || hint === undefined;
      dialogue.say(isFine ? line : { text: `${line} - ${hint}`, remedies });
      if (verdict === 'refuse') against.push(id);
      if (verdict === 'warn') warnings++;
    }
  }
  // Last, so that it is still on the screen when the lines above have scrolled away.
  if (warnings > 0) dialogue.say(`${String(warnings)} ${warnings === 1 ? 'warning' : 'warnings'} above.`);
  return against.length === 0 ? DONE : { kind: 'no', why: `refused by ${against.join(', ')}` };
}

function look(ceremony: RunningCeremony, name: CheckName): Promise<readonly Seen[]> | readonly Seen[] {
  return name === 'preflight' ? ceremony.preflight() : ofAuthority(ceremony, name);
}

async function ofAuthority(ceremony: RunningCeremony, name: Exclude<CheckName, 'preflight'>): Promise<readonly Seen[]> {
  try {
    // Opening it checks every file that a transcript names.
    const context = await ceremony.context(() => Promise.resolve());
    return [{ id: name, verdict: 'ok', saw: LOOKS[name](context) }];
  } catch (error) {
    if (!(error instanceof CeremonyError)) throw error;
    return (error.findings.length === 0 ? [error] : error.findings).map((one) => ({
      id: name,
      verdict: 'refuse' as const,
      saw: one.message,
      ...adviceOf(one),
    }));
  }
}

const LOOKS: Readonly<Record<Exclude<CheckName, 'preflight'>, (context: OperationContext) => string>> = {
  authority: ({ authority, engines }) => {
    checkRoots(authority, engines);
    const { transcripts, roots } = authority;
    return `${counted(transcripts.files.length, 'transcript is', 'transcripts are')} linked, every file that is named there is here, and ${counted(roots.length, 'root verifies', 'roots verify')}`;
  },
  'key-files': ({ authority }) => {
    // A key whose destruction has begun signs nothing more.
    const living = authority.keyRecords.filter(({ end }) => end === undefined);
    const keys = living.map(({ uri }) => parseKeyUri(uri));
    const missing = keys.filter((key) => key.kind === 'file' && !existsInside(authority.dir, key.path));
    if (missing.length > 0)
      throw refused('key-missing', `${missing.map(({ uri }) => uri).join(', ')} are missing`, {
        hint: 'Bring them back from a backup.',
      });
    const of = (wanted: 'file' | 'pkcs11'): number => keys.filter(({ kind }) => kind === wanted).length;
    return `${counted(of('file'), 'key file is', 'key files are')} there, and ${counted(of('pkcs11'), 'key is', 'keys are')} on record in tokens`;
  },
  'newest-bundle': ({ authority, engines, atSeconds }) => {
    const history = verifiedHistory(authority, engines, atSeconds);
    const last = history.at(-1);
    return last === undefined ? 'there is no bundle yet' : `bundle ${String(last.payload.sequence)} verifies`;
  },
};
