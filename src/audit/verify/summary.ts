/** A transcript in short: what a witness reads again before signing it. */
import { textField } from '../../codec/strict-json.js';
import { counted } from '../../common/counted.js';
import { formatTime } from '../../common/time.js';
import { namedFiles } from './named-files.js';
import type { FinishedTranscript } from './finished.js';

/** Labels and values. */
export function summaryOf(transcript: FinishedTranscript): readonly (readonly [label: string, value: string])[] {
  const { entries, endSeconds, toSign, rehearsal } = transcript;
  const [start] = entries;
  const of = (event: string): typeof entries => entries.filter((entry) => entry.event === event);
  const script = of('script')[0]?.fields;
  const { files } = namedFiles(entries);
  const people = of('people').flatMap(({ fields }) =>
    Array.isArray(fields.people) ? (fields.people as readonly unknown[]) : [],
  );
  const signed = of('sign').map(({ fields }) => textField(fields, 'what') ?? 'something');
  const outcome = textField(entries.at(-1)?.fields ?? {}, 'outcome');
  return [
    ['what', textField(script ?? {}, 'title') ?? textField(start?.fields ?? {}, 'command') ?? 'unknown'],
    ['real or not', rehearsal ? 'REHEARSAL' : 'real'],
    ['machine', textField(start?.fields ?? {}, 'machine') ?? 'unknown'],
    ['began', formatTime(start?.atSeconds ?? 0)],
    ['ended', formatTime(endSeconds)],
    ...(outcome === undefined ? [] : ([['outcome', outcome]] as const)),
    ['lines', String(entries.length)],
    ...people.map((person) => ['present', personOf(person)] as const),
    ...signed.map((what) => ['signed', what] as const),
    ...files.map(({ path, sha256 }) => ['file', `${path} ${sha256}`] as const),
    ...of('deviation').map(
      ({ seq, fields }) => ['deviation', `line ${String(seq + 1)}: ${textField(fields, 'what') ?? ''}`] as const,
    ),
    ...of('refusal').map(
      ({ seq, fields }) => ['refusal', `line ${String(seq + 1)}: ${textField(fields, 'message') ?? ''}`] as const,
    ),
    ...(of('interrupted').length === 0 ? [] : ([['interrupted', counted(of('interrupted').length, 'time')]] as const)),
    ['to be signed by', toSign.join(', ') || 'nobody in particular'],
  ];
}

function personOf(person: unknown): string {
  const { name, role } = (typeof person === 'object' && person !== null ? person : {}) as Record<string, unknown>;
  return `${typeof name === 'string' ? name : 'somebody'}, ${typeof role === 'string' ? role : 'in no role'}`;
}
