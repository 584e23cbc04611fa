/**
 * What a person can do, as data. Text below the command line makes sense without it. The command line, which knows how
 * it was called, adds the command to copy or the option to give.
 */

/** The commands that are suggested: whether each needs an argument, and which options go with it. */
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

/** Options that are named without a command: those of the command that was called. */
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

/** A command, with its arguments and the values of its options as a process receives them, or as words in capitals. */
export type CommandRemedy = {
  [C in keyof Suggested]: {
    readonly command: C;
    readonly options?: Readonly<Partial<Record<OptionOf<C>, true | string | readonly string[]>>>;
  } & (Suggested[C] extends { readonly argument: true }
    ? { readonly args: readonly [string, ...string[]] }
    : { readonly args?: readonly string[] });
}[keyof Suggested];

/** An option to add to the command that was called. */
export interface OptionRemedy {
  readonly option: (typeof NAMED)[number];
  readonly value?: string;
}

/** The command that was called, with an option that names the PKCS#11 module it may load. */
export interface ModuleRemedy {
  readonly module: string;
}

export type Remedy = CommandRemedy | OptionRemedy | ModuleRemedy;

/** The remedy for a ceremony that has begun. */
export const RESUME: readonly Remedy[] = [{ command: 'resume' }];
export const RESUME_OR_ABORT: readonly Remedy[] = [...RESUME, { command: 'resume', options: { abort: true } }];

/** A remark, with what can be done about it. */
export type Remark = string | { readonly text: string; readonly remedies: readonly Remedy[] };

/** Makes a remark with what can be done about it. */
export function remark(text: string, ...remedies: readonly Remedy[]): Remark {
  return { text, remedies };
}

export function remediesOf(said: Remark): readonly Remedy[] {
  return typeof said === 'string' ? [] : said.remedies;
}

/** Returns the text of a remark alone, for records and papers. */
export function textOf(remark: Remark): string {
  return typeof remark === 'string' ? remark : remark.text;
}
