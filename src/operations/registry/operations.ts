/**
 * The operations that commands and steps of ceremonies share, each declared once: its name, its options, and whether it
 * signs. Help, the reference and the rules of scripts are made from this.
 */
import { REVOCATION_REASONS } from '../../bundle/revocation.js';
import { CIPHERSUITE, copyTo, NEW_KEY, NEXT_BUNDLE, type OptionSpec, VALIDITY } from './option.js';

export interface OperationSpec {
  readonly summary: string;
  /** Whether it signs with a key of the authority. */
  readonly signs: boolean;
  /** What later steps of a script can use from it. */
  readonly gives: 'fingerprint' | 'files' | 'nothing';
  /** By position on the command line; a script gives them by name. */
  readonly arguments?: readonly OptionSpec[];
  readonly options: readonly OptionSpec[];
  /** Shown at the end of its help. */
  readonly remark?: string;
  /** The option that names a path of the machine to which something is written that the authority does not keep. */
  readonly writesTo?: string;
  /** Whether it only examines a device, and makes nothing: a plan announces it, but does not do it beforehand. */
  readonly onTheDayOnly?: boolean;
  /** Whether no command has this name. */
  readonly onlyInScripts?: boolean;
}

const key = (help: string): OptionSpec => ({ name: 'key', value: 'uri', help });
const NEW_ROOT: readonly OptionSpec[] = [
  key('the key to make: file:keys/NAME.age (default: root-N), or pkcs11:…'),
  ...VALIDITY,
  ...NEW_KEY,
  CIPHERSUITE,
];
const SUCCEEDS: OptionSpec = {
  name: 'succeeds',
  help: 'it is the successor of the newest intermediate, and overlaps it',
  only: 'script',
};

export const OPERATION_SPECS = {
  'root generate': {
    summary: 'make a root key and its AS root credential',
    signs: true,
    gives: 'fingerprint',
    options: [
      ...NEW_ROOT,
      {
        name: 'twin',
        value: 'uri',
        help: 'make a second root with this key, in reserve for when the first is stolen',
      },
      { name: 'twin-listed', help: 'list the twin in every bundle, like the first, instead of keeping it in reserve' },
    ],
  },
  'root rotate': {
    summary: 'make the successor of a root',
    signs: true,
    gives: 'fingerprint',
    options: [
      ...NEW_ROOT,
      { name: 'reserve', help: 'keep it in reserve: committed to, but not listed until it is needed' },
      {
        name: 'again',
        value: 'root',
        help: "sign this root again with its own key: only if somebody else's bundle revokes it",
      },
    ],
  },
  'intermediate request': {
    summary: 'make a key and a request for an intermediate',
    signs: true,
    gives: 'files',
    options: [
      key('the key to make, or one without a credential yet: file:keys/NAME.age, or pkcs11:…'),
      {
        name: 'signer',
        value: 'root',
        help: 'the root that will issue it: its fingerprint, or its file (default: the newest usable one)',
      },
      ...VALIDITY,
      ...NEW_KEY,
      CIPHERSUITE,
      SUCCEEDS,
      copyTo('request'),
    ],
  },
  'intermediate issue': {
    summary: 'sign a request with the root that it names',
    signs: true,
    gives: 'fingerprint',
    arguments: [{ name: 'request', help: 'the request (PEM)' }],
    options: [SUCCEEDS, copyTo('credential')],
  },
  revoke: {
    summary: 'revoke a root or an intermediate, for good',
    signs: false,
    gives: 'files',
    arguments: [
      {
        name: 'credential',
        help: 'a root or an intermediate: its file, its fingerprint, or the first 8 or more digits of that',
      },
    ],
    options: [
      { name: 'reason', value: 'reason', help: REVOCATION_REASONS.join(', ') },
      { name: 'unknown', help: 'the authority does not hold it; requires a whole fingerprint' },
    ],
    remark: 'With key-compromise every credential with the same key is revoked.',
  },
  'bundle export': {
    summary: 'sign the next bundle for publication',
    signs: true,
    gives: 'files',
    options: [
      copyTo('bundle'),
      {
        name: 'out-dir',
        value: 'folder',
        help: 'a new folder, ready for a web server, with everything to publish',
        only: 'command line',
      },
      ...NEXT_BUNDLE,
    ],
  },
  'bundle sign': {
    summary: 'sign a prepared bundle with one root',
    signs: true,
    gives: 'nothing',
    writesTo: 'out',
    arguments: [{ name: 'prepared', help: 'what bundle prepare wrote' }],
    options: [
      {
        name: 'root',
        value: 'root',
        help: 'the root that signs here: its file, its fingerprint, or the first 8 or more digits of that',
      },
      { name: 'key', value: 'uri', help: 'where its key is, if not on record here', only: 'command line' },
      {
        name: 'out',
        value: 'file',
        help: 'where the signature goes (default: PREPARED.<16 digits>.sig in this folder)',
      },
      {
        name: 'last',
        value: 'file',
        help: 'in a folder without the authority: a bundle that clients hold (repeatable)',
        repeats: true,
        only: 'command line',
      },
      {
        name: 'trust',
        value: 'fingerprint|file',
        help: 'with --last: a root that you know from elsewhere, if the one that signs here has not signed it (repeatable)',
        repeats: true,
        only: 'command line',
      },
      {
        name: 'threshold',
        value: 'n',
        help: 'with --trust: how many of these must have signed it; required for two or more',
        only: 'command line',
      },
      {
        name: 'anew',
        help: 'sign although this root has signed another bundle of that number; asks for a typed phrase',
        only: 'command line',
      },
    ],
  },
  'key verify': {
    summary: 'open a key and prove that it is the one on record',
    signs: false,
    gives: 'nothing',
    arguments: [{ name: 'key', help: "the key's URI or name, such as root-1" }],
    options: [
      {
        name: 'from',
        value: 'uri',
        help: 'open this backup instead: file:/PATH/NAME.age on another medium, or pkcs11:… in another token',
      },
    ],
  },
  'key trial': {
    summary: 'make a trial key in a token, let it sign once, and destroy it',
    signs: false,
    gives: 'nothing',
    onlyInScripts: true,
    options: [key('the token, and the name of the trial key'), CIPHERSUITE],
  },
  'hsm check': {
    summary: 'check what a token can do, ciphersuite by ciphersuite',
    signs: false,
    gives: 'nothing',
    onTheDayOnly: true,
    arguments: [{ name: 'key', value: 'uri', help: 'the token: pkcs11:token=LABEL?module-path=/PATH/MODULE.so' }],
    options: [
      {
        name: 'no-login',
        help: 'trust its list of mechanisms, without a PIN and without trying',
        only: 'command line',
      },
      { name: 'serial', value: 'text', help: 'the serial number that the token must have', only: 'script' },
    ],
    remark: 'Makes a session key of each kind, lets it sign once, and destroys it. Nothing stays in the token.',
  },
} as const satisfies Readonly<Record<string, OperationSpec>>;

export type SharedOperation = keyof typeof OPERATION_SPECS;

export function operationSpec(name: SharedOperation): OperationSpec {
  return OPERATION_SPECS[name];
}

/** Returns the names by which a script gives an operation its options. */
export function scriptOptions({ arguments: placed = [], options }: OperationSpec): readonly string[] {
  return [...placed, ...options].filter(({ only }) => only !== 'command line').map(({ name }) => name);
}
