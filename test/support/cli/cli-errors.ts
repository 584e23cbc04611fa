/** What every refusal looks like to a person and to a script. */
import { expect } from '@jest/globals';
import type { Ended } from './cli.js';

export interface Refusal {
  readonly status: 1 | 2 | 3 | 130;
  readonly code: string;
  /** What the message must say. */
  readonly says?: string | RegExp;
  /** What the hint must say. */
  readonly hint?: string | RegExp;
}

/** The error lines of a run without --json; `before` is whatever stood on stderr before them. */
export function errorOf({ stderr }: Ended): { error: string; code: string; hint: string; before: string } {
  const match = /^((?:.*\n)*?)error: (.*)\n((?: {2,}.*\n)*)code: (.*)\nhint: (.*)\n$/.exec(stderr);
  if (match === null) throw new Error(`stderr does not end in error, code and hint:\n${stderr}`);
  const [, before = '', error = '', findings = '', code = '', hint = ''] = match;
  return { before, error: `${error}\n${findings}`, code, hint };
}

/** Exit status, code, message and hint; nothing on stdout, and no stack trace. */
export function expectRefusal(ended: Ended, { status, code, says = '', hint = '' }: Refusal): void {
  const seen = { status: ended.status, code: errorOf(ended).code, stdout: ended.stdout };
  expect(seen).toEqual({ status, code, stdout: '' });
  const lines = errorOf(ended);
  expect(lines.error).toMatch(says);
  expect(lines.hint).toMatch(hint);
  expect(lines.hint.trim()).not.toBe('');
  expect(ended.stderr).not.toMatch(/\n {4}at |node:internal|\.cjs:\d/);
}

/** The same refusal with --json: `ok`, `code`, `message` and `hint` on stdout, nothing on stderr. */
export function expectJsonRefusal(
  ended: Ended & { readonly json: Readonly<Record<string, unknown>> },
  { status, code, says = '', hint = '' }: Refusal,
): void {
  const { message, hint: given } = ended.json;
  expect({ status: ended.status, ok: ended.json.ok, code: ended.json.code }).toEqual({ status, ok: false, code });
  const { findings = [] } = ended.json as { findings?: readonly { rule: string; message: string }[] };
  const listed = findings.map((finding) => `${finding.rule}: ${finding.message}`);
  expect([message, ...listed].join('\n')).toMatch(says);
  expect(given).toEqual(expect.stringMatching(hint));
  expect(given).not.toBe('');
}
