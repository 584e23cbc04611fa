/**
 * The fields of a script, each by itself (valibot schemas); script-rules.ts checks them together. This file, and
 * valibot with it, is loaded only if a script is read.
 */
import * as v from 'valibot';
import { controlCharacterIn } from '../../common/printable.js';
import {
  ANSWERS,
  CHECKS,
  MEDIA_ACTIONS,
  MOST_STEPS,
  OUTCOMES_OF_NO,
  PARAMETER_TYPES,
  ROLES,
  type StepKind,
} from './script.js';

type Schema = v.BaseSchema<unknown, unknown, v.BaseIssue<unknown>>;

export type ScriptFields = v.InferOutput<ReturnType<typeof scriptSchema>>;

function parts() {
  const unknown = v.never('is not a field of a script');
  // A text is shown, printed and read aloud: nothing in it may move the cursor, or reverse what follows.
  const plain = v.check<string, (issue: { readonly input: string }) => string>(
    (value) => controlCharacterIn(value) === undefined,
    ({ input }) => `has the control character ${controlCharacterIn(input) ?? ''}`,
  );
  const text = (most: number) =>
    v.pipe(
      v.string('is not a text'),
      v.minLength(1, 'is empty'),
      v.maxLength(most, `has more than ${String(most)} characters`),
      plain,
    );
  // May be empty.
  const value = v.pipe(v.string('is not a text (write it in quotes)'), v.maxLength(500), plain);
  const oneOf = <const T extends readonly string[]>(names: T) => v.picklist(names, `is none of ${names.join(', ')}`);
  const id = v.pipe(
    v.string('is not a text'),
    v.regex(/^[a-z][a-z0-9-]{0,39}$/, 'is not 1 to 40 of a-z, 0-9 and -, beginning with a letter'),
  );
  const listOf = <T extends Schema>(item: T, least = 1) =>
    v.pipe(
      v.array(item, 'is not a list'),
      v.minLength(least, 'is empty'),
      v.maxLength(200, 'has more than 200 items'),
      v.check((items) => new Set(items).size === items.length, 'has an item twice'),
    );
  return { unknown, text, value, oneOf, id, listOf, role: oneOf(ROLES) };
}

function scriptSchema() {
  const { unknown, text, value, oneOf, id, listOf, role } = parts();
  const state = v.optional(oneOf(['none', 'some'] as const));
  return v.objectWithRest(
    {
      version: v.literal(1, 'is not 1, the only version that this as-ceremony reads'),
      title: text(100),
      purpose: text(2000),
      roles: v.record(
        role,
        v.objectWithRest(
          {
            people: v.pipe(
              v.number('is not a number'),
              v.integer('is not a whole number'),
              v.minValue(1, 'is below 1'),
              v.maxValue(20, 'is above 20'),
            ),
            not: v.optional(listOf(role, 0), []),
          },
          unknown,
        ),
        'is not a group of roles',
      ),
      parameters: v.optional(
        v.record(
          id,
          v.objectWithRest(
            {
              type: oneOf(PARAMETER_TYPES),
              says: text(300),
              default: v.optional(value),
              among: v.optional(listOf(text(100))),
            },
            unknown,
          ),
          'is not a group of parameters',
        ),
        {},
      ),
      needs: v.optional(v.objectWithRest({ roots: state, intermediates: state, bundles: state }, unknown), {}),
      steps: v.pipe(
        v.array(v.record(v.string(), v.unknown(), 'is not a step'), 'is not a list of steps'),
        v.minLength(1, 'is empty'),
        v.maxLength(MOST_STEPS, `has more than ${String(MOST_STEPS)} steps`),
      ),
    },
    unknown,
    'is not a group of fields',
  );
}

/** Returns the schema of one step, by its kind; the field that names the kind is included. */
export function stepSchema(kind: StepKind) {
  const { unknown, text, value, oneOf, id, listOf, role } = parts();
  const common = { id, by: role, given: v.optional(id), no: listOf(oneOf(OUTCOMES_OF_NO)) };
  const long = text(2000);
  const empty = v.optional(text(300));
  const bodies = {
    say: { say: long },
    confirm: { confirm: long },
    ask: { ask: long, answer: v.optional(oneOf(ANSWERS), 'text'), equals: empty },
    check: { check: listOf(oneOf(CHECKS)) },
    run: {
      run: text(40),
      with: v.optional(v.record(id, value), {}),
    },
    compare: { compare: id, with: text(100) },
    media: {
      media: oneOf(MEDIA_ACTIONS),
      medium: text(60),
      path: v.optional(value, ''),
      holds: v.optional(value, ''),
    },
    seal: { seal: oneOf(['open', 'close'] as const), what: text(60) },
    break: { break: long },
    collect: { collect: listOf(role) },
  };
  return v.objectWithRest({ ...common, ...bodies[kind] }, unknown);
}

export function parseScriptFields(data: unknown): v.SafeParseResult<ReturnType<typeof scriptSchema>> {
  return v.safeParse(scriptSchema(), data);
}

export function parseStepFields(kind: StepKind, data: unknown): v.SafeParseResult<ReturnType<typeof stepSchema>> {
  return v.safeParse(stepSchema(kind), data);
}
