/**
 * The two streams: results on stdout, everything else on stderr; with --json, one document on stdout and nothing else
 * there.
 */
import { DECODING_CODES, isWireCode } from '../../common/codes.js';
import { type CeremonyError, couldNot, messageOf } from '../../common/errors.js';
import { printableJson } from '../../common/printable.js';
import type { GlobalOptions } from '../program/context.js';
import { worded } from './remedy-text.js';
import { findingLines, fitted, painter, printable } from './render.js';
import { err, out, type OutStream } from './streams.js';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

/** Prints a command's result: `json` with --json, else what `text` makes. */
export function result(
  options: GlobalOptions,
  json: Readonly<Record<string, Json | undefined>>,
  text: () => string,
): void {
  const output = options.json === true ? `${printableJson({ ok: true, ...json })}\n` : text();
  try {
    out.write(output);
  } catch (error) {
    throw couldNot('output', `the work was done, but its result could not be shown: ${messageOf(error)}`, {
      hint: 'Before you run the command again, check status and the files in the authority.',
      cause: error,
    });
  }
}

/** A remark for people, on stderr; not with --quiet. */
export function note(options: GlobalOptions, text: string): void {
  if (options.quiet === true) return;
  err.write(fitted(text, err));
}

/** A remark for those who asked for more with --verbose. */
export function detail(options: GlobalOptions, text: string): void {
  if (options.verbose === true) note(options, text);
}

/** Colours for stdout, or for stderr. */
export function paint(options: GlobalOptions, stream: OutStream = out): ReturnType<typeof painter> {
  return painter(stream, options.color !== false);
}

/** A refusal: three lines on stderr (and the findings), or one JSON document on stdout. */
export function printError(
  options: GlobalOptions,
  error: CeremonyError,
  extra: Readonly<Record<string, Json>> = {},
): void {
  const { code, message } = error;
  const hint = worded(error.hint ?? usualHint(code), error.remedies, options);
  const findings = error.findings.map(({ remedies = [], ...finding }) =>
    finding.hint === undefined ? finding : { ...finding, hint: worded(finding.hint, remedies, options) },
  );
  if (options.json === true) {
    const listed = findings.length === 0 ? {} : { findings: findings.map((finding) => ({ ...finding })) };
    try {
      out.write(`${printableJson({ ok: false, code, message, hint, ...listed, ...extra })}\n`);
      return;
    } catch {
      // Nothing more goes to stdout; then a person may still read it on stderr.
    }
  }
  const red = paint(options, err);
  err.write(`${red('red', 'error:')} ${printable(message)}\n`);
  if (findings.length > 1) err.write(findingLines(findings));
  err.write(`code: ${code}\n`);
  err.write(`hint: ${printable(hint)}\n`);
  for (let { cause } = error; cause !== undefined; cause = causeOf(cause))
    detail(options, `cause: ${printable(messageOf(cause))}`);
}

/** Where an error has no hint of its own. */
function usualHint(code: string): string {
  if ((DECODING_CODES as readonly string[]).includes(code))
    return "Get the file again from where it was made; don't use this one.";
  if (isWireCode(code)) return 'Do not rely on it; ask whoever made it.';
  return 'Nothing was changed.';
}

function causeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'cause' in error ? error.cause : undefined;
}
