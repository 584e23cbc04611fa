/**
 * What a person can do, as data. Text below the command line reads whole without it; the command line, which knows how
 * it was called, adds the line to be copied or the option to be given.
 */

/** The commands that are suggested: whether each needs an argument, and the options that go with it. */
export const SUGGESTED = {
  init: { argument: true },
  'root generate': {},
  'root rotate': { options: ['again', 'reserve'] },
  'intermediate request': { options: ['key'] },
  'intermediate issue': { argument: true },
  'intermediate rotate': { options: ['request'] },
  revoke: { argument: true, options: ['reason'] },
  'bundle export': { options: ['list', 'retire'] },
  'bundle folder': { argument: true },
  'bundle forged': { argument: true },
  'bundle published': { argument: true },
  'bundle withdraw': { argument: true },
  'bundle verify': { argument: true, options: ['domain', 'last', 'threshold', 'trust', 'via', 'with'] },
  'clock recover': { options: ['by'] },
  doctor: {},
  fingerprint: { argument: true, options: ['qr'] },
  'hsm check': { argument: true },
  'hsm init-token': { options: ['label'] },
  'hsm keys': { argument: true },
  'hsm list': {},
  'key attach': { argument: true },
  'key destroy': { argument: true },
  'ledger receive': { argument: true },
  'ledger verify': {},
  plan: { argument: true, options: ['set'] },
  rehearse: { argument: true },
  resume: { options: ['abort'] },
  run: { argument: true },
  status: {},
  'transcript show': { argument: true },
  'transcript sign': { argument: true, options: ['as'] },
  'transcript verify': { argument: true },
  verify: { argument: true, options: ['bundle', 'threshold', 'trust'] },
} as const satisfies Readonly<Record<string, { readonly argument?: true; readonly options?: readonly string[] }>>;

/** The options that are named without a command: those of the one that was called. */
export const NAMED = [
  ...['adopt', 'allowed-signers', 'anew', 'backup', 'bundle', 'by', 'ciphersuite', 'clock', 'destroy-orphan', 'dir'],
  ...['end-of-service', 'from', 'hsm', 'hsm-timeout', 'key', 'kind', 'last', 'lifetime', 'list', 'lost', 'manifest'],
  ...['media', 'module', 'new-passphrase-file', 'next-root', 'not-after', 'not-before', 'person', 'pin-file', 'repin'],
  ...[
    'retire',
    'root',
    'sequence',
    'sequence-floor',
    'serial',
    'series',
    'set',
    'signer',
    'their-head',
    'threshold',
    'token',
  ],
  ...['trust', 'unknown', 'unproved', 'until', 'with'],
] as const;

type Suggested = typeof SUGGESTED;
type OptionOf<C extends keyof Suggested> = Suggested[C] extends {
  readonly options: readonly (infer O extends string)[];
}
  ? O
  : never;

/** A command: its arguments and the values of its options as a process takes them, or words in capitals. */
export type CommandRemedy = {
  [C in keyof Suggested]: {
    readonly command: C;
    readonly options?: Readonly<Partial<Record<OptionOf<C>, true | string | readonly string[]>>>;
  } & (Suggested[C] extends { readonly argument: true }
    ? { readonly args: readonly [string, ...string[]] }
    : { readonly args?: readonly string[] });
}[keyof Suggested];

/** An option to be given with the command that was called. */
export interface OptionRemedy {
  readonly option: (typeof NAMED)[number];
  readonly value?: string;
}

/** The command that was called, once more, with the PKCS#11 module named that it may load. */
export interface ModuleRemedy {
  readonly module: string;
}

export type Remedy = CommandRemedy | OptionRemedy | ModuleRemedy;

/** For a ceremony that was begun. */
export const RESUME: readonly Remedy[] = [{ command: 'resume' }];
export const RESUME_OR_ABORT: readonly Remedy[] = [...RESUME, { command: 'resume', options: { abort: true } }];

/** A remark, and what can be done about it. */
export type Remark = string | { readonly text: string; readonly remedies: readonly Remedy[] };

/** A remark with what can be done about it. */
export function remark(text: string, ...remedies: readonly Remedy[]): Remark {
  return { text, remedies };
}

export function remediesOf(said: Remark): readonly Remedy[] {
  return typeof said === 'string' ? [] : said.remedies;
}

/** The remark alone, for records and papers. */
export function textOf(remark: Remark): string {
  return typeof remark === 'string' ? remark : remark.text;
}
