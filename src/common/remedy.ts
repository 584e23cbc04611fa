/**
 * What a person can do, as data. Text below the command line reads whole without it; the command line, which knows how
 * it was called, adds the line to be copied or the option to be given.
 */

/** The commands that are suggested, each with the options that go with it. */
export const SUGGESTED = {
  init: [],
  'root generate': [],
  'root rotate': ['again', 'reserve'],
  'intermediate request': ['key'],
  'intermediate issue': [],
  'intermediate rotate': ['request'],
  revoke: ['reason'],
  'bundle export': ['list', 'retire'],
  'bundle assemble': [],
  'bundle folder': [],
  'bundle forged': [],
  'bundle published': [],
  'bundle withdraw': [],
  'bundle verify': [],
  'clock recover': [],
  doctor: [],
  fingerprint: ['qr'],
  'hsm check': [],
  'hsm init-token': [],
  'hsm keys': [],
  'hsm list': [],
  'key attach': [],
  'key destroy': [],
  'key verify': [],
  'ledger receive': [],
  'ledger verify': [],
  plan: ['set'],
  rehearse: [],
  resume: ['abort'],
  run: [],
  status: [],
  'transcript show': [],
  'transcript sign': ['as'],
  'transcript verify': [],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** The options that are named without a command: those of the one that was called. */
export const NAMED = [
  ...['adopt', 'allowed-signers', 'backup', 'bundle', 'by', 'ciphersuite', 'clock', 'destroy-orphan', 'dir'],
  ...['end-of-service', 'from', 'hsm', 'hsm-timeout', 'key', 'kind', 'last', 'lifetime', 'list', 'lost', 'manifest'],
  ...['media', 'module', 'new-passphrase-file', 'next-root', 'not-after', 'not-before', 'person', 'pin-file', 'repin'],
  ...['retire', 'root', 'sequence', 'sequence-floor', 'serial', 'series', 'set', 'signer', 'threshold', 'token'],
  ...['trust', 'unknown', 'unproved', 'until', 'with'],
] as const;

type Suggested = typeof SUGGESTED;

/** A command: its arguments and the values of its options as a process takes them, or as words in capitals. */
export type CommandRemedy = {
  [C in keyof Suggested]: {
    readonly command: C;
    readonly args?: readonly string[];
    readonly options?: Readonly<Partial<Record<Suggested[C][number], true | string | readonly string[]>>>;
  };
}[keyof Suggested];

/** An option to be given with the command that was called. */
export interface OptionRemedy {
  readonly option: (typeof NAMED)[number];
  readonly value?: string;
}

export type Remedy = CommandRemedy | OptionRemedy;

/** A remark, and what can be done about it. */
export type Remark = string | { readonly text: string; readonly remedies: readonly Remedy[] };

/** The remark alone, for records and papers. */
export function textOf(remark: Remark): string {
  return typeof remark === 'string' ? remark : remark.text;
}
