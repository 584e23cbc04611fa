/** Options of operations, as people write them: on the command line with dashes, in a script's step without. */

export interface OptionSpec {
  /** Without dashes. */
  readonly name: string;
  /** The name of its value, such as `duration`; undefined for a switch. */
  readonly value?: string;
  readonly help: string;
  readonly repeats?: true;
  /** The only place where it exists; both if not given. */
  readonly only?: 'command line' | 'script';
}

export const VALIDITY: readonly OptionSpec[] = [
  { name: 'not-before', value: 'time', help: 'when the validity begins (default: 15 minutes ago, by the policy)' },
  { name: 'not-after', value: 'time', help: 'when it ends' },
  {
    name: 'lifetime',
    value: 'duration',
    help: "how long it lasts, such as 10y or P1Y (default: the policy's)",
  },
];

/** Options of everything that makes a key. */
export const NEW_KEY: readonly OptionSpec[] = [
  { name: 'adopt', help: 'take the key that the token already holds, and show what cannot be proved of it' },
  {
    name: 'destroy-orphan',
    help: 'destroy the key in the token that has this name, and make a new one',
    only: 'command line',
  },
  {
    name: 'backup',
    value: 'how',
    help: "wrapped: the key can leave its token under a wrapping key, for the vendor's own backup",
  },
];

export const CIPHERSUITE: OptionSpec = {
  name: 'ciphersuite',
  value: 'ciphersuite',
  help: "such as ed25519-sha256 (default: the authority's)",
};

/** Options for the contents of the next bundle. */
export const NEXT_BUNDLE: readonly OptionSpec[] = [
  { name: 'lifetime', value: 'duration', help: "how long it lasts, such as 120d (default: the policy's)" },
  {
    name: 'series',
    value: 'n',
    help: 'sign this many ahead, one every bundle_every (90 days, unless the policy differs)',
  },
  { name: 'last', value: 'file', help: 'the bundle that clients hold now; refused if it is not the newest here' },
  {
    name: 'threshold',
    value: 'n',
    help: 'how many roots must sign the next one (default: as in the last bundle)',
  },
  {
    name: 'next-root',
    value: 'key|commitment',
    help: 'a key that alone may change the roots (repeatable)',
    repeats: true,
  },
  { name: 'list', value: 'root', help: 'list this root, which was in reserve (repeatable)', repeats: true },
  { name: 'retire', value: 'root', help: 'stop listing this root (repeatable)', repeats: true },
  {
    name: 'lost',
    value: 'root',
    help: 'the key of this root is lost: neither list it nor ask it to sign (repeatable)',
    repeats: true,
  },
  {
    name: 'repin',
    help: 'sign although clients that hold an earlier bundle will refuse it, and must pin again',
  },
];

/** Returns an option for a copy of what is made, on the command line only: scripts have steps for media. */
export function copyTo(what: string): OptionSpec {
  return { name: 'out', value: 'file', help: `also write a copy of the ${what} here`, only: 'command line' };
}
