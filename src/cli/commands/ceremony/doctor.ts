import { endOf } from '../../../audit/verify/ledger-trust.js';
import type { Authority } from '../../../authority/authority.js';
import { mustBeFit, preflight, type PreflightFinding, type Verdict } from '../../../ceremony/preflight/preflight.js';
import { programFields } from '../../../ceremony/preflight/program-hashes.js';
import { CeremonyError } from '../../../common/errors.js';
import { wrapped } from '../../../common/groups.js';
import { rewrittenHere } from '../../operation/ledger-memory.js';
import { addPreflightOptions, authorityIfAny, preflightMeans } from '../../options/preflight-options.js';
import type { CommandModule } from '../../program/command.js';
import type { CommandContext } from '../../program/context.js';
import { paint, printError, result } from '../../terminal/output.js';
import { worded } from '../../terminal/remedy-text.js';
import { columnsOf, fields, printable } from '../../terminal/render.js';
import { out } from '../../terminal/streams.js';

const COLOURS = { ok: 'green', warn: 'yellow', refuse: 'red', ignored: 'dim' } as const;

/** Returns one line for each check, its verdict first, with what to do below it. */
function lines(context: CommandContext, findings: readonly PreflightFinding[]): string {
  const style = paint(context.options);
  const verdictWidth = Math.max(...findings.map(({ verdict }) => verdict.length));
  const idWidth = Math.max(...findings.map(({ id }) => id.length));
  const begin = verdictWidth + idWidth + 4;
  const columns = columnsOf(out);
  const room = columns === undefined ? undefined : Math.max(columns - begin, 24);
  const indented = (text: string): string => wrapped(printable(text), room).join(`\n${' '.repeat(begin)}`);
  return findings
    .map(({ id, verdict, saw, hint, remedies = [] }) => {
      const head = `${style(COLOURS[verdict], verdict.padEnd(verdictWidth))}  ${id.padEnd(idWidth)}  ${indented(saw)}\n`;
      return hint === undefined
        ? head
        : `${head}${' '.repeat(begin)}${indented(`-> ${worded(hint, remedies, context.options)}`)}\n`;
    })
    .join('');
}

function summary(findings: readonly PreflightFinding[]): string {
  const count = (wanted: Verdict): number => findings.filter(({ verdict }) => verdict === wanted).length;
  const [bad, warnings, ok] = [count('refuse'), count('warn'), count('ok')].map(String);
  return `${ok ?? ''} in order, ${warnings ?? ''} to look at, ${bad ?? ''} that refuse a ceremony.\n`;
}

/** Opens the authority. One that cannot be used is a further fault, and the machine is checked all the same. */
async function opened(
  context: CommandContext,
): Promise<{ readonly authority: Authority | undefined; readonly fault?: CeremonyError }> {
  try {
    return { authority: await authorityIfAny(context) };
  } catch (error) {
    const isFault = error instanceof CeremonyError && FAULTS.includes(error.code);
    if (!isFault) throw error;
    return { authority: undefined, fault: error };
  }
}

const FAULTS: readonly string[] = ['authority-damaged', 'not-your-authority'];

function unfitness(findings: readonly PreflightFinding[]): CeremonyError | undefined {
  try {
    mustBeFit(findings);
    return undefined;
  } catch (error) {
    if (error instanceof CeremonyError) return error;
    throw error;
  }
}

export const { define, run }: CommandModule = {
  define: (command) => {
    addPreflightOptions(command)
      .option('--strict', 'refuse where a check only warns, or could not run')
      .addHelpText('after', '\nChanges nothing. authority.yaml says, under preflight, what each check does.');
  },
  run: async (context, _args, options) => {
    const { authority, fault } = await opened(context);
    const rewritten =
      authority === undefined ? undefined : rewrittenHere(context, authority.settings.domain, endOf(authority));
    const means = await preflightMeans(context, options, authority);
    const findings = await preflight(means, { strict: options.flag('strict') });
    const program = programFields(means.program);
    const json = {
      checks: findings.map(({ remedies = [], ...one }) =>
        one.hint === undefined ? one : { ...one, hint: worded(one.hint, remedies, context.options) },
      ),
      program,
    };
    const text = (): string =>
      [
        lines(context, findings),
        `Program ${program.version}, Node ${program.node}, SHA-256:\n${fields(program.hashes.map(({ name, sha256 }) => [name, sha256] as const))}`,
        summary(findings),
      ].join('\n');
    const against = fault ?? rewritten ?? unfitness(findings);
    if (against === undefined) {
      result(context.options, json, text);
      return;
    }
    if (context.options.json !== true) out.write(text());
    printError(context.options, against, json);
    process.exitCode = fault === undefined ? 1 : 3;
  },
};
