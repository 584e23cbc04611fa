/** Reads a ceremony's script, strictly, and lists everything that is wrong with it at once, by line and field. */
import { readYaml } from '../../codec/yaml.js';
import { fromUtf8 } from '../../common/bytes.js';
import { type Finding, refused } from '../../common/errors.js';
import {
  type Needs,
  type Parameter,
  type Role,
  ROLES,
  type Script,
  type ScriptFault,
  type Step,
  STEP_KINDS,
  type StepKind,
} from './script.js';
import { scriptFaults } from './script-rules.js';
import type { ScriptFields } from './script-schema.js';

const MAX_SCRIPT_FILE = 64 * 1024;

/** Reads the script in a file's bytes. Error: `bad-script`, with a finding for each thing that is wrong. */
export async function readScript(name: string, bytes: Uint8Array): Promise<Script> {
  const text = bytes.length > MAX_SCRIPT_FILE ? undefined : fromUtf8(bytes);
  if (text === undefined)
    throw badScript(name, [{ path: [], what: 'it is not UTF-8, or larger than 64 KiB' }], () => 1);
  const { faults, data, isMap, lineOf } = await readYaml(text);
  if (faults.length > 0) throw badForm(name, faults);
  if (!isMap) throw badScript(name, [{ path: [], what: 'is not a group of fields' }], lineOf);
  const { parseScriptFields, parseStepFields } = await import('./script-schema.js');
  const read = parseScriptFields(data);
  if (!read.success) throw badScript(name, faultsOf(read.issues), lineOf);
  const found: ScriptFault[] = [];
  const steps = read.output.steps.flatMap((raw, i): readonly Step[] => {
    const { step, faults: wrong = [] } = readStep(parseStepFields, raw, ['steps', String(i)]);
    found.push(...wrong);
    return step === undefined ? [] : [step];
  });
  if (found.length > 0) throw badScript(name, found, lineOf);
  const script = toScript(name, read.output, steps, bytes);
  const wrong = scriptFaults(script);
  if (wrong.length > 0) throw badScript(name, wrong, lineOf);
  return script;
}

function readStep(
  parseStepFields: typeof import('./script-schema.js').parseStepFields,
  raw: Readonly<Record<string, unknown>>,
  path: readonly string[],
): { readonly step?: Step; readonly faults?: readonly ScriptFault[] } {
  const kinds = STEP_KINDS.filter((kind) => Object.hasOwn(raw, kind));
  const [kind, other] = kinds;
  if (kind === undefined) return { faults: [{ path, what: `is of no kind: give it one of ${STEP_KINDS.join(', ')}` }] };
  if (other !== undefined)
    return { faults: [{ path: [...path, other], what: `is of two kinds, ${kind} and ${other}` }] };
  const read = parseStepFields(kind, raw);
  if (!read.success) return { faults: faultsOf(read.issues, path) };
  return { step: toStep(kind, read.output) };
}

/** Turns `{ say: TEXT, … }` into `{ kind: 'say', text: TEXT, … }`. */
function toStep(kind: StepKind, fields: Readonly<Record<string, unknown>>): Step {
  const names: Readonly<Record<StepKind, string>> = {
    say: 'text',
    confirm: 'text',
    ask: 'text',
    check: 'checks',
    run: 'operation',
    compare: 'of',
    media: 'action',
    seal: 'action',
    break: 'text',
    collect: 'who',
  };
  const { [kind]: own, ...others } = fields;
  return { kind, ...others, [names[kind]]: own } as unknown as Step;
}

function toScript(name: string, fields: ScriptFields, steps: readonly Step[], bytes: Uint8Array): Script {
  const { title, purpose, roles, parameters, needs } = fields;
  const given = ROLES.flatMap((role): [Role, { people: number; not: readonly Role[] }][] => {
    const need = roles[role];
    return need === undefined ? [] : [[role, { people: need.people, not: need.not }]];
  });
  return {
    name,
    title,
    purpose: purpose.trim(),
    roles: new Map(given),
    parameters: Object.entries(parameters).map(([one, declared]): Parameter => {
      const { type, says, among, default: usual } = declared;
      return {
        name: one,
        type,
        says,
        ...(usual === undefined ? {} : { default: usual }),
        ...(among === undefined ? {} : { among }),
      };
    }),
    needs: needs as Needs,
    steps,
    bytes,
  };
}

interface Issue {
  readonly message: string;
  readonly path?: readonly { readonly key: unknown }[] | undefined;
  readonly received: string;
}

function faultsOf(issues: readonly Issue[], above: readonly string[] = []): ScriptFault[] {
  return issues.map(({ path, message, received }) => ({
    path: [...above, ...(path ?? []).map((item) => String(item.key))],
    what: received === 'undefined' ? 'is missing' : message,
  }));
}

function badForm(name: string, faults: readonly { readonly line: number; readonly what: string }[]): Error {
  return error(
    name,
    faults.map(({ line, what }) => ({ line, field: '', what })),
  );
}

function badScript(name: string, faults: readonly ScriptFault[], lineOf: (path: readonly string[]) => number): Error {
  return error(
    name,
    faults.map(({ path, what }) => ({ line: lineOf(path), field: fieldOf(path), what })),
  );
}

/** Returns the name of a field; `steps.3.by` counts steps from 1, as people do. */
function fieldOf([first, second, ...others]: readonly string[]): string {
  const index = first === 'steps' && second !== undefined ? String(Number(second) + 1) : second;
  return [first, index, ...others].filter((part) => part !== undefined).join('.');
}

function error(
  name: string,
  faults: readonly { readonly line: number; readonly field: string; readonly what: string }[],
): Error {
  const findings: Finding[] = [...faults]
    .sort((a, b) => a.line - b.line)
    .map(({ line, field, what }) => ({
      rule: field === '' ? 'script' : field,
      code: 'bad-script',
      message: `${name}:${String(line)}: ${field === '' ? '' : `${field}: `}${what}`,
    }));
  const [only, ...others] = findings;
  const message =
    only !== undefined && others.length === 0 ? only.message : `${name} has ${String(findings.length)} mistakes`;
  return refused('bad-script', message, {
    findings,
    hint: 'Nothing was done. Correct the script, and have it read again.',
  });
}
