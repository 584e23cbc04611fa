import { resolve } from 'node:path';
import { openAuthority } from '../../../authority/authority.js';
import { signerNamesFor } from '../../../ceremony/people/allowed-signers.js';
import { peopleWarnings } from '../../../ceremony/people/people.js';
import { decodePlan, encodePlan, type Plan, planHash } from '../../../ceremony/plan/ceremony-plan.js';
import { makePlan } from '../../../ceremony/plan/make-plan.js';
import { planPage } from '../../../ceremony/plan/plan-page.js';
import { planText } from '../../../ceremony/plan/plan-text.js';
import { utf8 } from '../../../common/bytes.js';
import { fromHex } from '../../../common/bytes.js';
import { usage } from '../../../common/errors.js';
import { hexGroups, lines } from '../../../common/groups.js';
import { wrapped } from '../../../common/groups.js';
import { checkCreatable, createFile } from '../../../common/new-files.js';
import { toPgpWords } from '../../../common/pgp-words.js';
import type { Remark } from '../../../common/remedy.js';
import { shellWord } from '../../../common/shell.js';
import { parseTime, timeJson } from '../../../common/time.js';
import { hsmMeans } from '../../operation/hsm-means.js';
import {
  addPlanOptions,
  isPlan,
  planOptions,
  readNamed,
  refusePlanOptions,
  scriptIn,
  shippedScripts,
} from '../../options/ceremony-options.js';
import { first } from '../../options/file-arguments.js';
import { collect, type CommandModule } from '../../program/command.js';
import { note, result } from '../../terminal/output.js';
import { commandLine, remarkText } from '../../terminal/remedy-text.js';
import { printable } from '../../terminal/render.js';

export const { define, run }: CommandModule = {
  define: (command) => {
    addPlanOptions(command.argument('<script>', "a script's name or file; or a plan, to print it again"))
      .option('--out <file>', 'the plan (default: NAME-DATE.plan.json here)')
      .option(
        '--print <file>',
        'what people follow on paper: a page if the name ends with .html, else plain text (repeatable)',
        collect,
      )
      .addHelpText(
        'after',
        () =>
          `\n${wrapped(`Shipped ceremonies: ${shippedScripts().join(', ')}.`, 80).join('\n')}\n\nNothing is signed. People approve the plan:\n  ssh-keygen -Y sign -n as-ceremony-plan -f KEY PLAN\n  mv PLAN.sig PLAN.PRINCIPAL.sig`,
      );
  },
  run: async (context, args, options) => {
    const named = readNamed(first(args));
    const prints = options.texts('print').map((path) => resolve(path));
    let plan: Plan;
    let path = named.path;
    let warnings: readonly Remark[] = [];
    if (isPlan(named.bytes)) {
      refusePlanOptions(options);
      plan = await decodePlan(named.bytes);
      if (options.text('out') !== undefined) throw usage('--out is for a new plan', { hint: 'Leave it out.' });
    } else {
      const authority = await openAuthority(context.dir);
      const { atSeconds, random, buildSeconds, writer } = context;
      const script = await scriptIn(named);
      const wanted = planOptions(options, script, atSeconds);
      const engines = await context.engines();
      const hsm = hsmMeans(context, authority.settings);
      plan = await makePlan(authority, wanted, {
        nowSeconds: atSeconds,
        random,
        buildSeconds,
        recordIn: { writer },
        engines,
        hsm,
      });
      path = resolve(options.text('out') ?? `${plan.ceremony}-${plan.window.from.slice(0, 10)}.plan.json`);
      for (const one of [path, ...prints]) checkCreatable(one);
      createFile(path, encodePlan(plan));
      warnings = peopleWarnings(script, plan.people, signerNamesFor(authority.dir));
      for (const warning of warnings)
        note(context.options, `warning: ${printable(remarkText(warning, context.options))}`);
    }
    const sha256 = planHash(isPlan(named.bytes) ? named.bytes : encodePlan(plan));
    for (const one of prints)
      createFile(one, /\.html$/i.test(one) ? await planPage(plan, sha256) : utf8(planText(plan, sha256)));
    const words = toPgpWords(fromHex(sha256) ?? new Uint8Array());
    const json = {
      file: path,
      sha256,
      words,
      ceremony: plan.ceremony,
      ...timeJson('from', parseTime(plan.window.from)),
      ...timeJson('until', parseTime(plan.window.until)),
      steps: plan.steps.length,
      printed: prints,
      warnings: warnings.map((one) => remarkText(one, context.options)),
    };
    result(context.options, json, () =>
      [
        ...(prints.length === 0 ? [planText(plan, sha256)] : []),
        `The plan: ${path}`,
        `Window:   ${plan.window.from} until ${plan.window.until}`,
        ...prints.map((one) => `Paper:    ${one}`),
        `SHA-256: ${sha256}`,
        '',
        ...hexGroups(sha256).map((line) => `    ${line}`),
        '',
        ...lines(words, 4).map((line) => `    ${line}`),
        '',
        'Each approver, after reading it:',
        `  ssh-keygen -Y sign -n as-ceremony-plan -f KEY ${shellWord(path)}`,
        `  mv ${shellWord(`${path}.sig`)} ${shellWord(`${path}.PRINCIPAL.sig`)}`,
        `Then, inside the window: ${commandLine({ command: 'run', args: [path] }, context.options.dir)}`,
        '',
      ].join('\n'),
    );
  },
};
