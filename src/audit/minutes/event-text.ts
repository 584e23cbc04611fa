/** One event for people: its sentence, with what is good or bad in it marked. */
import { told, type Words } from '../../authority/events/sentence.js';
import type { KnownEntry } from '../../authority/formats/transcript.js';
import type { JsonObject } from '../../codec/strict-json.js';
import { type Html, html } from '../../paper/html.js';
import { hexCode } from '../../paper/values.js';

/** Fields that the page shows in a place of their own, and those only for readers of the transcript. */
const ELSEWHERE: readonly string[] = [
  'step',
  'rows',
  'words',
  'result',
  'hint',
  'uuid',
  'serial',
  'public_key_sha256',
  'request_sha256',
];
const GOOD: readonly string[] = ['ok', 'ignored', 'done', 'left out', 'equal', ', as it was sealed'];
/** Fields that say how something went. */
const VERDICTS: readonly (string | undefined)[] = ['verdict', 'outcome', 'compared', 'equal', 'as_sealed'];

/** Returns the text of an event within a step, or undefined if everything in it is elsewhere on the page. */
export function eventText(entry: KnownEntry): Html | undefined {
  const { event, fields } = entry;
  if (event === 'step' || event === 'intent') return undefined;
  if (event === 'files') return html`written: ${fields.files.map(({ path }) => path).join(', ')}`;
  return narrated(entry, ELSEWHERE);
}

/** Returns everything in an event, by name. */
export function narrated(entry: KnownEntry, leftOut: readonly string[] = ['step']): Html {
  const { words, rest } = told(entry);
  // That there are none says nothing.
  const isEmpty = (name: string): boolean =>
    ['changes', 'warnings', 'findings'].includes(name) && isEmptyList(entry.fields, name);
  const more = rest
    .filter(([name]) => !leftOut.includes(name.replaceAll(' ', '_')) && !isEmpty(name))
    .map(([name, value]) => html`; ${name}: ${/^[0-9a-f]{64,}$/.test(value) ? hexCode(value) : value}`);
  const loud = /^[A-Z]{2}/.test(words[0]?.text ?? '');
  const sentence = html`${words.map(wordsHtml)}`;
  return html`${loud ? html`<span class="loud">${sentence}</span>` : sentence}${more}`;
}

function isEmptyList(fields: JsonObject, name: string): boolean {
  const value = fields[name];
  return Array.isArray(value) && value.length === 0;
}

function wordsHtml({ text, field }: Words): Html {
  if (VERDICTS.includes(field) && text !== '')
    return html`<span class="${GOOD.includes(text) ? 'good' : 'loud'}">${text}</span>`;
  if (text === 'by nobody') return html`<span class="loud">${text}</span>`;
  return /^[0-9a-f]{64,}$/.test(text) ? hexCode(text) : html`${text}`;
}
