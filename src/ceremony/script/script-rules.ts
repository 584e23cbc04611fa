/** Checks a script as a whole: names must match, and nothing is signed before it is checked. */
import { scriptOptions } from '../../operations/registry/operations.js';
import { PARAMETER } from './parameters.js';
import type { CheckName, Script, ScriptFault, Step } from './script.js';
import { OPERATION_NAMES, operationNamed } from './step-operations.js';

/** Returns the texts of a step that may contain parameters, by field. */
function textsOf(step: Step): readonly (readonly [field: string, text: string])[] {
  switch (step.kind) {
    case 'say':
    case 'confirm':
    case 'break':
      return [[step.kind, step.text]];
    case 'ask':
      return [
        ['ask', step.text],
        ['equals', step.equals ?? ''],
      ];
    case 'run':
      return Object.entries(step.with).map(([name, value]) => [`with.${name}`, value] as const);
    case 'compare':
      return [['with', step.with]];
    case 'media':
      return [
        ['medium', step.medium],
        ['path', step.path],
        ['holds', step.holds],
      ];
    case 'seal':
      return [['what', step.what]];
    case 'check':
    case 'collect':
      return [];
  }
}

export function scriptFaults(script: Script): readonly ScriptFault[] {
  return [
    ...roleFaults(script),
    ...parameterFaults(script),
    ...script.steps.flatMap((step, i) =>
      stepFaults(script, step, i).map(({ path, what }) => ({ path: ['steps', String(i), ...path], what })),
    ),
    ...orderFaults(script),
  ];
}

function roleFaults({ roles }: Script): ScriptFault[] {
  return [...roles].flatMap(([role, { not }]) =>
    not
      .filter((other) => other === role || !roles.has(other))
      .map((other) => ({
        path: ['roles', role, 'not'],
        what: other === role ? 'a role cannot exclude itself' : `${other} is not a role of this script`,
      })),
  );
}

function parameterFaults({ parameters }: Script): ScriptFault[] {
  return parameters.flatMap(({ name, type, among, default: usual }): readonly ScriptFault[] => {
    const path = ['parameters', name];
    if ((type === 'choice') !== (among !== undefined)) {
      return [{ path, what: type === 'choice' ? 'among is missing' : 'among is for a choice only' }];
    }
    if (usual !== undefined && among !== undefined && !among.includes(usual))
      return [{ path: [...path, 'default'], what: `${usual} is none of ${among.join(', ')}` }];
    return [];
  });
}

function stepFaults(script: Script, step: Step, index: number): ScriptFault[] {
  const { roles, parameters, steps } = script;
  const faults: ScriptFault[] = [];
  const names = new Set(parameters.map(({ name }) => name));
  if (!roles.has(step.by)) faults.push({ path: ['by'], what: `${step.by} is not a role of this script` });
  if (steps.findIndex(({ id }) => id === step.id) !== index)
    faults.push({ path: ['id'], what: `${step.id} is the id of an earlier step` });
  for (const [field, text] of textsOf(step)) {
    for (const [, name] of text.matchAll(PARAMETER))
      if (name !== undefined && !names.has(name))
        faults.push({ path: field.split('.'), what: `\${${name}} is not declared` });
  }
  if (step.given !== undefined && !names.has(step.given))
    faults.push({ path: ['given'], what: `${step.given} is not declared` });
  if (step.kind === 'run') faults.push(...runFaults(step), ...keyFaults(script, step));
  if (step.kind === 'collect') {
    for (const role of step.who.filter((one) => !roles.has(one)))
      faults.push({ path: ['collect'], what: `${role} is not a role of this script` });
  }
  if (step.kind === 'compare') {
    const of = steps.slice(0, index).find(({ id }) => id === step.of);
    const hasFingerprint = of?.kind === 'run' && operationNamed(of.operation)?.gives === 'fingerprint';
    if (step.of !== 'plan' && !hasFingerprint)
      faults.push({
        path: ['compare'],
        what: `${step.of} is neither an earlier step that makes a credential nor plan`,
      });
  }
  if (step.kind === 'media' && step.action !== 'insert' && step.action !== 'eject' && step.path === '')
    faults.push({ path: ['path'], what: 'is missing' });
  if (step.kind === 'media' && step.action !== 'hash' && step.holds !== '')
    faults.push({ path: ['holds'], what: 'is for hash alone' });
  return faults;
}

function runFaults(step: Step & { readonly kind: 'run' }): ScriptFault[] {
  const operation = operationNamed(step.operation);
  if (operation === undefined)
    return [{ path: ['run'], what: `${step.operation} is none of ${OPERATION_NAMES.join(', ')}` }];
  const known = scriptOptions(operation);
  return Object.keys(step.with)
    .filter((name) => !known.includes(name))
    .map((name) => ({
      path: ['with', name],
      what: `is no option of ${step.operation}${known.length === 0 ? '' : `, which has ${known.join(', ')}`}`,
    }));
}

/** Options whose value is a key, which a rehearsal makes elsewhere. */
const KEY_OPTIONS = ['key', 'from', 'twin'];

/**
 * Finds keys that are not parameters. A rehearsal replaces each parameter of type key by a throw-away key, but would
 * use a key that is written out in the script.
 */
function keyFaults({ parameters }: Script, step: Step & { readonly kind: 'run' }): ScriptFault[] {
  const keys = new Set(parameters.filter(({ type }) => type === 'key').map(({ name }) => `\${${name}}`));
  return KEY_OPTIONS.filter((name) => {
    const value = step.with[name];
    return value !== undefined && !keys.has(value) && !/^file:keys\/[^/$]+$/.test(value);
  }).map((name) => ({
    path: ['with', name],
    what: 'names a key otherwise than by a parameter of type key, or as file:keys/NAME.age, so that a rehearsal would touch it',
  }));
}

/**
 * Checks the order of steps. Everything that a script runs opens a key or goes on record for good, so somebody must
 * check the machine and the authority first. A check that may be left out counts only for the steps that are left out
 * with it.
 */
function orderFaults({ steps }: Script): ScriptFault[] {
  return (['preflight', 'authority'] as const).flatMap((needed) => {
    const first = steps.findIndex((step, i) => step.kind === 'run' && !isChecked(steps.slice(0, i), step, needed));
    const step = steps[first];
    if (step?.kind !== 'run') return [];
    const does = operationNamed(step.operation)?.signs === true ? 'signs' : `runs ${step.operation}`;
    return [
      {
        path: ['steps', String(first)],
        what: `it ${does} before anybody checks: a step with check: [${needed}] ${step.given === undefined ? 'and without given ' : ''}must come first`,
      },
    ];
  });
}

function isChecked(before: readonly Step[], { given }: Step, needed: CheckName): boolean {
  return before.some(
    (step) =>
      step.kind === 'check' && step.checks.includes(needed) && (step.given === undefined || step.given === given),
  );
}
