/**
 * What the reference says of settings and steps beyond their names. A name that the program doesn't have, or that is
 * missing here, is an error.
 */
import type { StepKind } from '../../../src/ceremony/script/script.js';

type Texts = Readonly<Record<string, string>>;

export const SETTINGS: Texts = {
  version: "the version of this file's format; required",
  domain: 'the domain that the authority speaks for; required, and fixed once there is a root',
  ciphersuite: 'for new credentials, where `--ciphersuite` names no other',
  'lifetimes.root': 'how long a new root is valid',
  'lifetimes.intermediate': 'how long a new intermediate is valid',
  'lifetimes.client': 'how long the AS makes client credentials valid; issuing deadlines follow from it',
  'lifetimes.bundle': 'how long a new bundle is valid',
  bundle_every: 'how far apart the bundles of a series begin',
  'maxima.root': 'the longest root that may be signed',
  'maxima.intermediate': 'the longest intermediate',
  'maxima.client': 'the longest client credential',
  'maxima.bundle': 'the longest bundle; the format allows no more than 400 days',
  allowed_ciphersuites:
    'ciphersuites that credentials and requests may have: `ed25519-sha256`, `p256-sha256`, `p384-sha384`, `p521-sha512`, `ed448-sha512`',
  backdating: 'how far back a validity may begin when it is fixed, for clients whose clocks are slow',
  request_age: 'how old a request may be when it is issued',
  key_work_factor: 'cost of guessing a passphrase: 2 to this power, 14 to 22; 18 takes about a second',
  require_plan: 'nothing is signed but by a plan that was made before: see [ceremonies.md](../ceremonies.md#approvals)',
  approvals: 'how many people must have approved that plan with their SSH keys; above 0, a plan is required too',
  hsm_timeout:
    'how long an HSM may take for one thing, up to a day, before it is taken to hang; `--hsm-timeout` goes before it',
  clock_tolerance: 'how far the clock may be from what a person reads off a watch, up to an hour',
};

export const EVERY_STEP: Texts = {
  id: 'its name, once in the script',
  by: 'the role that does it',
  given: 'a parameter; where that is left out, so is the step, on record',
  no: 'what may follow a No: `retry`, `deviation`, `hold`, `abort`',
};

export const KINDS: Readonly<Record<StepKind, string>> = {
  say: 'a text is read aloud',
  confirm: 'whoever does the step attests to a text',
  ask: 'something is asked, and the answer recorded',
  check: 'the program checks by itself',
  run: 'a command is run: its preview is shown, and agreed to',
  compare: 'a fingerprint is compared: four groups that the program chooses are typed from another source',
  media: 'a medium is put in, looked at, written, read again byte by byte, or ejected',
  seal: 'a bag is closed or opened; its numbers and those of its seal are typed, and compared at the next opening',
  break: 'every key is closed; the roll is called afterwards',
  collect: 'who signs the transcript afterwards',
};

/** What is copied to a medium includes the ceremony's own transcript up to where the copying began. */
export const FIELDS: Readonly<Record<StepKind, Texts>> = {
  say: { say: 'the text' },
  confirm: { confirm: 'the text' },
  ask: {
    ask: 'the question',
    answer: '`text`, `time`, `number` or `yes`',
    equals: 'what the answer must be, if anything',
  },
  check: { check: 'a list of `preflight`, `authority`, `key-files`, `newest-bundle`' },
  run: { run: 'the command', with: 'its options' },
  compare: {
    compare: 'the step whose fingerprint it is, or `plan`',
    with: 'the source, in words',
  },
  media: {
    media: '`insert`, `identify`, `hash`, `copy`, `re-read` or `eject`',
    medium: 'the medium, in words',
    path: 'the folder where it is mounted',
    holds:
      'for `hash`: the key whose file lies in the copy that is looked at; without it, that is the newest copy there',
  },
  seal: { seal: '`open` or `close`', what: 'what is in the bag, in words' },
  break: { break: 'the text' },
  collect: { collect: 'the roles that sign' },
};
