/** The two streams: results on stdout, everything else on stderr; with --json, one document on stdout and nothing else there. */
import type { CeremonyError } from '../common/errors.js';
import type { GlobalOptions } from './context.js';
import { columnsOf, findingLines, painter, printable, wrapped } from './render.js';
import { err, out, type OutStream } from './streams.js';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

/** Prints a command's result: `json` with --json, else what `text` makes. */
export function result(
  options: GlobalOptions,
  json: Readonly<Record<string, Json | undefined>>,
  text: () => string,
): void {
  out.write(options.json === true ? `${JSON.stringify({ ok: true, ...json })}\n` : text());
}

/** A remark for people, on stderr; not with --quiet. */
export function note(options: GlobalOptions, text: string): void {
  if (options.quiet === true) return;
  const columns = columnsOf(err);
  const lines = text.split('\n').flatMap((line) => wrapped(line, columns));
  err.write(`${lines.join('\n')}\n`);
}

/** Colours for stdout, or for stderr. */
export function paint(options: GlobalOptions, stream: OutStream = out): ReturnType<typeof painter> {
  return painter(stream, options.color !== false);
}

/** A refusal: three lines on stderr (and the findings), or one JSON document on stdout. */
export function report(options: GlobalOptions, error: CeremonyError, extra: Readonly<Record<string, Json>> = {}): void {
  const { code, message, hint, findings } = error;
  if (options.json === true) {
    const listed = findings.length === 0 ? {} : { findings: findings.map((finding) => ({ ...finding })) };
    out.write(`${JSON.stringify({ ok: false, code, message, hint: hint ?? '', ...listed, ...extra })}\n`);
    return;
  }
  const red = paint(options, err);
  err.write(`${red('red', 'error:')} ${printable(message)}\n`);
  if (findings.length > 1) err.write(findingLines(findings));
  err.write(`code: ${code}\n`);
  err.write(`hint: ${printable(hint ?? 'Nothing was changed.')}\n`);
}
