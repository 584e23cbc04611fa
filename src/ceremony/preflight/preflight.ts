/** Runs all checks of the machine, and lists what each has seen. Settings decide what becomes of it. */
import { type CheckId, DEFAULTS, type Severity } from '../../authority/formats/settings-defaults.js';
import { type Advice, adviceOf, type Finding, refused } from '../../common/errors.js';
import { authorityPermissions } from './authority-permissions.js';
import { clock } from './clock-not-behind.js';
import { coreDumps } from './core-dumps.js';
import { entropy } from './entropy.js';
import { environment } from './environment.js';
import { freeSpace } from './free-space.js';
import { hsm } from './hsm.js';
import type { Check, Look, Means } from './machine-check.js';
import { memoryFileSystem } from './memory-file-system.js';
import { networkInterfaces } from './network-interfaces.js';
import { networkRoutes } from './network-routes.js';
import { programFilesCheck } from './program-files.js';
import { radios } from './radios.js';
import { rootUser } from './root-user.js';
import { swap } from './swap.js';
import { typedClock } from './typed-clock.js';
import { writableMedia } from './writable-media.js';

export type { Check, Means } from './machine-check.js';

export const CHECKS: readonly Check[] = [
  clock,
  typedClock,
  memoryFileSystem,
  networkInterfaces,
  networkRoutes,
  radios,
  swap,
  coreDumps,
  entropy,
  freeSpace,
  writableMedia,
  authorityPermissions,
  rootUser,
  environment,
  programFilesCheck,
  hsm,
];

/** `ignored`: settings say that it isn't looked at. */
export type Verdict = 'ok' | 'warn' | 'refuse' | 'ignored';

/** With what to do, where the verdict is `warn` or `refuse`. */
export interface PreflightFinding extends Advice {
  readonly id: CheckId;
  readonly verdict: Verdict;
  /** A sentence without its full stop. */
  readonly saw: string;
}

export interface PreflightOptions {
  /** These checks alone. */
  readonly only?: readonly CheckId[];
  /** Every warning refuses, that of a check which could not look too. */
  readonly strict?: boolean;
}

/** What every check has seen, in the order of `CHECKS`; severities are those of the authority, or the defaults. */
export async function preflight(
  means: Means,
  { only, strict = false }: PreflightOptions = {},
): Promise<PreflightFinding[]> {
  const severities = means.authority?.settings.preflight ?? DEFAULTS.preflight;
  const findings: PreflightFinding[] = [];
  for (const { id, look } of CHECKS) {
    if (only !== undefined && !only.includes(id)) continue;
    if (severities[id] === 'ignore') {
      findings.push({ id, verdict: 'ignored', saw: 'not checked, as authority.yaml says' });
      continue;
    }
    const { state, saw, ...advice } = await look(means);
    findings.push({ id, verdict: verdictOf(state, severities[id], strict), saw, ...advice });
  }
  return findings;
}

function verdictOf(state: Look['state'], severity: Severity, strict: boolean): Verdict {
  if (state === 'fine') return 'ok';
  if (strict) return 'refuse';
  // What nobody could see is for people to look at: a machine that hides a thing is no proof against it.
  return state === 'bad' && severity === 'refuse' ? 'refuse' : 'warn';
}

/** Error: `unfit` with a finding for each check that refuses; none where none does. */
export function mustBeFit(findings: readonly PreflightFinding[]): void {
  const against = findings
    .filter(({ verdict }) => verdict === 'refuse')
    .map((one): Finding => ({ rule: one.id, code: 'unfit', message: one.saw, ...adviceOf(one) }));
  const [first, ...others] = against;
  if (first === undefined) return;
  const more = others.length === 0 ? '' : ` (and ${String(others.length)} more)`;
  throw refused('unfit', `this machine is not fit for a ceremony: ${first.rule}: ${first.message}${more}`, {
    findings: against,
    hint: 'Put it right and look again.',
    remedies: [{ command: 'doctor' }],
    ...adviceOf(first),
  });
}
