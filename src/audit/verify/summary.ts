/** A transcript in short: what a witness reads again before signing it. */
import { eventsOf } from '../../authority/formats/transcript.js';
import { counted } from '../../common/counted.js';
import { formatTime } from '../../common/time.js';
import { fewRows } from '../../operations/context/few-rows.js';
import type { FinishedTranscript } from './finished.js';
import { namedFiles } from './named-files.js';

/** Returns labels and values. */
export function summaryOf(transcript: FinishedTranscript): readonly (readonly [label: string, value: string])[] {
  const { entries, endSeconds, toSign, rehearsal } = transcript;
  const [start] = eventsOf(entries, 'start');
  const [script] = eventsOf(entries, 'script');
  const outcome = eventsOf(entries, 'end')[0]?.fields.outcome;
  const stops = eventsOf(entries, 'interrupted').length;
  return [
    ['what', script?.fields.title ?? start?.fields.command ?? 'unknown'],
    ['real or not', rehearsal ? 'REHEARSAL' : 'real'],
    ['machine', start?.fields.machine ?? 'unknown'],
    ['began', formatTime(start?.atSeconds ?? 0)],
    ['ended', formatTime(endSeconds)],
    ...(outcome === undefined ? [] : ([['outcome', outcome]] as const)),
    ['lines', String(entries.length)],
    ...eventsOf(entries, 'people').flatMap(({ fields }) =>
      fields.people.map(({ name, role }) => ['present', `${name}, ${role}`] as const),
    ),
    ...fewRows(eventsOf(entries, 'sign').map(({ fields }) => ['signed', fields.what])),
    ...namedFiles(entries).map(({ path, sha256 }) => ['file', `${path} ${sha256}`] as const),
    ...eventsOf(entries, 'deviation').map(
      ({ seq, fields }) => ['deviation', `line ${String(seq + 1)}: ${fields.what}`] as const,
    ),
    ...eventsOf(entries, 'refusal').map(
      ({ seq, fields }) => ['refusal', `line ${String(seq + 1)}: ${fields.message}`] as const,
    ),
    ...(stops === 0 ? [] : ([['interrupted', counted(stops, 'time')]] as const)),
    ['to be signed by', toSign.join(', ') || 'nobody in particular'],
  ];
}
