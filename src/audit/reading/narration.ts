/**
 * Events of a transcript in plain words. Whatever a sentence doesn't hold of an event follows as name and value, so
 * that nothing is left out.
 */
import type { JsonObject, JsonValue } from '../../codec/strict-json.js';
import type { TranscriptEntry } from '../../authority/formats/transcript.js';

export interface Narrated {
  /** Not made harmless for a terminal. */
  readonly text: string;
  readonly rest: readonly (readonly [name: string, value: string])[];
}

/** A sentence with `{field}`s; the first one whose fields are all there is taken. */
const SENTENCES: Readonly<Record<string, readonly string[]>> = {
  start: [
    'begins: {command}, by {tool} {tool_version}, on {machine}; it follows the transcript with head {previous_transcript}',
    'begins; it follows the transcript with head {previous_transcript}',
  ],
  program: ['the program is version {version}, run by Node {node}'],
  script: ['the script is {name}: {title} (SHA-256 {sha256})', 'the script is {name} (SHA-256 {sha256})'],
  plan: ['the plan has SHA-256 {sha256}'],
  people: ['the people'],
  'roll-call': ['the roll is called {when}'],
  held: ['HELD: {why}'],
  check: ['check {id}: {verdict}; it saw {saw}'],
  step: ['step {step} of {of}, for {who}: {title} ({kind})', 'step {step} of {of}: {title} ({kind})'],
  say: ['read aloud, by {by}'],
  confirm: ['confirmed or not, by {by}'],
  ask: ['asked, answered by {by}'],
  compare: ['compared, by {by}'],
  media: ['a medium, by {by}'],
  seal: ['a bag and its seal, by {by}'],
  fingerprint: ['the fingerprint of {file} was shown, to be written down, by {by}'],
  head: ['the head of line {line} and its paper: {compared}', 'the head and its paper: {compared}'],
  break: ['a break, by {by}'],
  collect: ['who is to sign, by {by}'],
  agree: ['shown: {title}; the answer was {answer}, by {by}', 'shown: {title}; nobody was asked'],
  intent: ['from here on keys or signatures may have been made: {operation}'],
  no: ['NO in step {step}: {why}; then {choice}'],
  deviation: [
    'DEVIATION in step {step}, accepted by {accepted_by}: {what}',
    'DEVIATION, accepted by {accepted_by}: {what}',
  ],
  refusal: ['REFUSED in step {step}: {message} ({code})', 'REFUSED: {message} ({code})'],
  token: ['a token was {what}: {token} (serial {serial})', 'a token: {what}'],
  key: ['a key was {what}: {key}', 'a key: {key}'],
  sign: ['signed: {what}'],
  stage: ['signed at this site what was prepared at another (SHA-256 {prepared_sha256})'],
  signature: ['a signature came back from its site: {what}, by {kid}'],
  files: ['files'],
  settings: ['settings'],
  revoke: ['revoked: {fingerprint}, {reason}', 'revoked'],
  bundle: ['a bundle'],
  clock: ['the clock'],
  done: ['step {step} is over: {outcome}'],
  interrupted: ['INTERRUPTED'],
  'stop-asked': ['Ctrl-C was pressed, and the ceremony went on'],
  resumed: ['goes on after an interruption'],
  rebuild: ['the authority was rebuilt from a bundle'],
  end: ['ends: {outcome}', 'ends'],
};

/** What is said once for the whole transcript. */
const SAID_ELSEWHERE: readonly string[] = ['mode'];

export function narrate({ event, fields }: TranscriptEntry): Narrated {
  const sentence = (Object.hasOwn(SENTENCES, event) ? (SENTENCES[event] ?? []) : []).find((one) =>
    namesIn(one).every((name) => isWord(own(fields, name))),
  );
  const used = new Set([...SAID_ELSEWHERE, ...(sentence === undefined ? [] : namesIn(sentence))]);
  return {
    text: sentence?.replace(/\{(\w+)\}/g, (_all, name: string) => wordOf(own(fields, name))) ?? `event ${event}`,
    rest: Object.entries(fields)
      .filter(([name]) => !used.has(name))
      .flatMap(([name, value]) => flat(name.replaceAll('_', ' '), value)),
  };
}

function namesIn(sentence: string): readonly string[] {
  return [...sentence.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
}

function own(fields: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

function isWord(value: JsonValue | undefined): boolean {
  return value !== undefined && (typeof value !== 'object' || value === null || isWords(value));
}

function isWords(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value) && value.every((item) => typeof item !== 'object' || item === null);
}

function wordOf(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return 'nobody knows';
  if (typeof value !== 'object') return String(value);
  return isWords(value) ? value.map(wordOf).join(', ') || 'none' : JSON.stringify(value);
}

/** A list of objects takes a row each: `path credentials/root-1.pem, sha256 …`. */
function flat(name: string, value: JsonValue): readonly (readonly [string, string])[] {
  if (isWord(value)) return [[name, wordOf(value)]];
  if (Array.isArray(value)) return value.map((item: JsonValue) => [name, record(item)] as const);
  return [[name, record(value)]];
}

function record(value: JsonValue): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return isWord(value) ? wordOf(value) : JSON.stringify(value);
  return Object.entries(value)
    .map(
      ([name, item]: [string, JsonValue]) =>
        `${name.replaceAll('_', ' ')} ${isWord(item) ? wordOf(item) : JSON.stringify(item)}`,
    )
    .join(', ');
}
