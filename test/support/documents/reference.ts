/** What docs/reference/ says, made from the program: one function a file. */
import { Command } from 'commander';
import { DEFAULTS, FULL_CIPHERSUITES, WORK_FACTOR } from '../../../src/authority/formats/settings-defaults.js';
import { CHECKS } from '../../../src/ceremony/preflight/preflight.js';
import { STEP_KINDS } from '../../../src/ceremony/script/script.js';
import { stepSchema } from '../../../src/ceremony/script/script-schema.js';
import { COMMANDS } from '../../../src/cli/commands/command-list.js';
import { EXIT } from '../../../src/cli/program/exit-status.js';
import { program } from '../../../src/cli/program/program.js';
import { MEANINGS } from '../../../src/common/codes.js';
import { OPERATION_SPECS, type OperationSpec, scriptOptions } from '../../../src/operations/registry/operations.js';
import { RULES } from '../../../src/policy/all-rules.js';
import { json } from './reference-json.js';
import { code, page, table } from './reference-page.js';
import { EVERY_STEP, FIELDS, KINDS, SETTINGS } from './reference-texts.js';

export const REFERENCE: Readonly<Record<string, () => string | Promise<string>>> = {
  'checks.md': checks,
  'codes.md': codes,
  'commands.md': commands,
  'json.md': json,
  'rules.md': rules,
  'settings.md': settings,
  'step-kinds.md': stepKinds,
};

function codes(): string {
  const part = (kind: keyof typeof EXIT): string =>
    `## Exit ${String(EXIT[kind].status)}: ${EXIT[kind].meaning}\n\n${table(
      ['Code', 'Meaning'],
      Object.entries(MEANINGS[kind]).map(([name, meaning]) => [code(name), meaning]),
    )}`;
  return page(
    'Codes of errors',
    'Every error carries one, on stderr (`code:`) and in the JSON document. They are stable; messages are not. `verify`, `verify-message` and `bundle verify` say `valid` where all is well.',
    part('refused'),
    part('usage'),
    part('could-not'),
    part('interrupted'),
  );
}

function rules(): string {
  return page(
    'Rules of policy',
    'Every proposal runs through all of them before any key is opened. No option skips one.',
    table(
      ['ID', 'Source', 'Why'],
      RULES.map(({ id, source, reason }) => [code(id), source, reason]),
    ),
  );
}

function checks(): string {
  return page(
    'Checks of the machine',
    'What `doctor` looks at, and what every ceremony begins with. `preflight.ID` in `authority.yaml` says `refuse`, `warn` or `ignore`.',
    table(
      ['ID', 'By default', 'Looks at', 'Why'],
      CHECKS.map(({ id, source, reason }) => [code(id), DEFAULTS.preflight[id], source, reason]),
    ),
  );
}

function settings(): string {
  const { preflight, ...own } = DEFAULTS;
  const flat = Object.entries(own).flatMap(([key, value]): readonly (readonly [string, string])[] =>
    typeof value === 'object'
      ? Object.entries(value).map(([part, one]) => [`${key}.${part}`, one] as const)
      : [[key, String(value)]],
  );
  const values = new Map<string, string>([
    ['version', '1'],
    ['domain', ''],
    ...flat,
    ['allowed_ciphersuites', FULL_CIPHERSUITES.join(', ')],
    ['key_work_factor', String(WORK_FACTOR.usual)],
  ]);
  const rows = Object.entries(SETTINGS).map(([name, meaning]) => {
    const value = values.get(name);
    values.delete(name);
    if (value === undefined) throw new Error(`there is no setting ${name}`);
    return [code(name), value === '' ? '' : code(value), meaning];
  });
  if (values.size > 0) throw new Error(`nothing is said of ${[...values.keys()].join(', ')}`);
  return page(
    'Settings in authority.yaml',
    'Durations are ISO 8601 (`P10Y`, `P90D`, `PT15M`) or short (`10y`, `90d`, `15m`). Unknown settings, duplicates, anchors and tags are refused.',
    table(['Setting', 'Default', 'What it says'], rows),
    `Each of ${Object.keys(preflight)
      .map((id) => code(`preflight.${id}`))
      .join(', ')} is \`refuse\`, \`warn\` or \`ignore\`: see [checks.md](checks.md).`,
  );
}

async function commands(): Promise<string> {
  const parts: string[] = [];
  for (const { name, summary, load } of COMMANDS) {
    const command = new Command(name);
    (await load()).define(command);
    const words = command.registeredArguments.map((one) => {
      const inside = one.variadic ? `${one.name()}...` : one.name();
      return one.required ? `<${inside}>` : `[${inside}]`;
    });
    const rows = [
      ...command.registeredArguments.map((one, i) => [code(words[i] ?? ''), one.description]),
      ...optionRows(command),
    ];
    const usage = ['as-ceremony', name, ...words, ...(command.options.length > 0 ? ['[options]'] : [])].join(' ');
    parts.push(`## ${name}`, `${capital(summary)}.`, `\`\`\`text\n${usage}\n\`\`\``);
    if (rows.length > 0) parts.push(table(['Argument or option', ''], rows));
  }
  return page(
    'Commands',
    'Options of every command stand before or after its name:',
    table(['Option', ''], optionRows(program(''))),
    ...parts,
  );
}

const capital = (text: string): string => text.replace(/^./, (letter) => letter.toUpperCase());

function optionRows(command: Command): string[][] {
  return command.options.filter(({ hidden }) => !hidden).map(({ flags, description }) => [code(flags), description]);
}

const SPECS: readonly (readonly [string, OperationSpec])[] = Object.entries(OPERATION_SPECS);

function stepKinds(): string {
  const rows = STEP_KINDS.map((kind) => {
    const own = Object.keys(stepSchema(kind).entries).filter((name) => !(name in EVERY_STEP));
    for (const name of own) if (!(name in FIELDS[kind])) throw new Error(`nothing is said of ${name} in ${kind}`);
    const fields = own.map((name) => `${code(name)}: ${FIELDS[kind][name] ?? ''}`);
    return [code(kind), KINDS[kind], fields.join('; ')];
  });
  return page(
    'Kinds of steps, and what a run step can do',
    'Every step of a script has',
    table(
      ['Field', ''],
      Object.entries(EVERY_STEP).map(([name, meaning]) => [code(name), meaning]),
    ),
    'and the fields of its kind:',
    table(['Kind', 'What happens', 'Fields'], rows),
    '## What a run step can do',
    '`with:` holds these options, by the names that they have on the command line ([commands.md](commands.md)), without dashes. A switch is `yes` or `no`; an option that repeats takes several values with spaces between them.',
    table(
      ['Command', 'What it does', 'Signs with a key of the authority', 'Options'],
      SPECS.map(([name, spec]) => [
        code(name),
        spec.summary,
        spec.signs ? 'yes' : 'no',
        scriptOptions(spec).map(code).join(', '),
      ]),
    ),
    'Options that the command line does not have:',
    table(
      ['Command', 'Option', ''],
      SPECS.flatMap(([name, { options, onlyInScripts = false }]) =>
        options
          .filter(({ only }) => onlyInScripts || only === 'script')
          .map((option) => [code(name), code(option.name), option.help]),
      ),
    ),
  );
}
