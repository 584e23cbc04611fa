/** Runs all checks of the machine, and lists what each has seen. The settings decide what follows. */
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

/** `ignored`: the settings skip this check. */
export type Verdict = 'ok' | 'warn' | 'refuse' | 'ignored';

/** The result of a check, with what to do if the verdict is `warn` or `refuse`. */
export interface PreflightFinding extends Advice {
  readonly id: CheckId;
  readonly verdict: Verdict;
  /** A sentence without its full stop. */
  readonly saw: string;
}

export interface PreflightOptions {
  /** Run only these checks. */
  readonly only?: readonly CheckId[];
  /** Whether every warning refuses, even that of a check which could not look. */
  readonly strict?: boolean;
}

/**
 * Returns what every check has seen, in the order of `CHECKS`. The severities are those of the authority, or the
 * defaults.
 */
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
  // Whatever could not be seen is left to people: a machine that hides something does not prove anything by that.
  return state === 'bad' && severity === 'refuse' ? 'refuse' : 'warn';
}

/** Refuses a machine that is not fit. Error: `unfit`, with a finding for each check that refuses. */
export function mustBeFit(findings: readonly PreflightFinding[]): void {
  const against = findings
    .filter(({ verdict }) => verdict === 'refuse')
    .map((one): Finding => ({ rule: one.id, code: 'unfit', message: one.saw, ...adviceOf(one) }));
  const [first, ...others] = against;
  if (first === undefined) return;
  const more = others.length === 0 ? '' : ` (and ${String(others.length)} more)`;
  throw refused('unfit', `this machine is not fit for a ceremony: ${first.rule}: ${first.message}${more}`, {
    findings: against,
    hint: 'Correct that, and check again.',
    remedies: [{ command: 'doctor' }],
    ...adviceOf(first),
  });
}
