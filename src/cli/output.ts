/** The two streams: results on stdout, everything else on stderr; with --json, one document on stdout and nothing else there. */
import type { CeremonyError } from '../common/errors.js';
import type { GlobalOptions } from './context.js';
import { findingLines, painter, printable } from './render.js';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

/** Prints a command's result: `json` with --json, else what `text` makes. */
export function result(
  options: GlobalOptions,
  json: { readonly [key: string]: Json | undefined },
  text: () => string,
): void {
  process.stdout.write(options.json === true ? `${JSON.stringify({ ok: true, ...json })}\n` : text());
}

/** A remark for people, on stderr; not with --quiet. */
export function note(options: GlobalOptions, text: string): void {
  if (options.quiet !== true) process.stderr.write(`${text}\n`);
}

/** Colours for stdout, or for stderr. */
export function paint(options: GlobalOptions, stream: NodeJS.WriteStream = process.stdout): ReturnType<typeof painter> {
  return painter(stream, options.color !== false);
}

/** A refusal: three lines on stderr (and the findings), or one JSON document on stdout. */
export function report(
  options: GlobalOptions,
  error: CeremonyError,
  extra: { readonly [key: string]: Json } = {},
): void {
  const { code, message, hint, findings } = error;
  if (options.json === true) {
    const listed = findings.length === 0 ? {} : { findings: findings.map((finding) => ({ ...finding })) };
    process.stdout.write(`${JSON.stringify({ ok: false, code, message, hint: hint ?? '', ...listed, ...extra })}\n`);
    return;
  }
  const red = paint(options, process.stderr);
  process.stderr.write(`${red('red', 'error:')} ${printable(message)}\n`);
  if (findings.length > 1) process.stderr.write(findingLines(findings));
  process.stderr.write(`code: ${code}\n`);
  process.stderr.write(`hint: ${printable(hint ?? 'Nothing was changed.')}\n`);
}
