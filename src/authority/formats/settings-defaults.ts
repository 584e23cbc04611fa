/**
 * The settings in `authority.yaml`, their defaults, and the commented file that `init` writes. settings.ts reads the
 * file.
 */
import type { JsonObject } from '../../codec/strict-json.js';
import { couldNot } from '../../common/errors.js';
import { type Duration, parseDuration } from '../../common/time.js';
import { ciphersuiteName, type CredentialCiphersuite, parseCiphersuite } from '../../crypto/ciphersuite.js';

/** One duration for each kind of thing that expires. */
export interface Lifetimes {
  readonly root: Duration;
  readonly intermediate: Duration;
  readonly client: Duration;
  readonly bundle: Duration;
}

export interface Settings {
  readonly domain: string;
  /** For new credentials, unless the command names another. */
  readonly ciphersuite: CredentialCiphersuite;
  readonly lifetimes: Lifetimes;
  /** How far apart the bundles of a series begin. */
  readonly bundleEvery: Duration;
  readonly maxima: Lifetimes;
  /** Names such as `ed25519-sha256`, as `ciphersuiteName` returns them. */
  readonly allowedCiphersuites: readonly string[];
  /** How far back `not_before` may lie when a request or plan is made; may be zero. */
  readonly backdating: Duration;
  /** How old a request may be when it is issued. */
  readonly requestAge: Duration;
  /** The base-2 logarithm of scrypt's N for new software keys. */
  readonly keyWorkFactor: number;
  /** How long an HSM may take for one request. */
  readonly hsmTimeout: Duration;
  /** Whether signing requires a plan that was made before. */
  readonly requirePlan: boolean;
  /** How many people must have approved the plan. From one on, a plan is required too. */
  readonly approvals: number;
  /** How far the clock may differ from what a person reads off a watch. */
  readonly clockTolerance: Duration;
  /** What happens to a ceremony if a check of the machine objects. */
  readonly preflight: Readonly<Record<CheckId, Severity>>;
}

/** `refuse` ends the ceremony, `warn` is shown and goes on record, and `ignore` skips the check. */
export const SEVERITIES = ['refuse', 'warn', 'ignore'] as const;
export type Severity = (typeof SEVERITIES)[number];
export type CheckId = keyof typeof DEFAULTS.preflight;

/** The ciphersuites whose hash is as strong as their key. No others may be allowed. */
export const FULL_CIPHERSUITES = [
  'ed25519-sha256',
  'p256-sha256',
  'p384-sha384',
  'p521-sha512',
  'ed448-sha512',
] as const;

export const WORK_FACTOR = { least: 14, usual: 18, most: 22 } as const;

/** The bundle format: a bundle's two times are at most 400 days apart. */
export const LONGEST_BUNDLE = 'P400D';

/** Longer than any ceremony waits for a device. */
export const LONGEST_HSM_TIMEOUT = 'P1D';

/** A clock that differs by more than that is wrong, whatever anybody says. */
export const LONGEST_CLOCK_TOLERANCE = 'PT1H';

/** The defaults, as the file would state them. */
export const DEFAULTS = {
  ciphersuite: 'ed25519-sha256',
  lifetimes: { root: 'P10Y', intermediate: 'P1Y', client: 'P90D', bundle: 'P120D' },
  bundle_every: 'P90D',
  maxima: { root: 'P11Y', intermediate: 'P2Y', client: 'P1Y', bundle: 'P400D' },
  backdating: 'PT15M',
  request_age: 'P30D',
  hsm_timeout: 'PT1M',
  require_plan: false,
  approvals: 0,
  clock_tolerance: 'PT5M',
  preflight: {
    clock: 'refuse',
    'clock-typed': 'refuse',
    'memory-file-system': 'refuse',
    'network-interfaces': 'warn',
    'network-routes': 'warn',
    radios: 'warn',
    swap: 'warn',
    'core-dumps': 'warn',
    entropy: 'warn',
    'free-space': 'warn',
    'writable-media': 'warn',
    'authority-permissions': 'warn',
    'root-user': 'warn',
    environment: 'warn',
    'program-files': 'warn',
    hsm: 'warn',
  },
} as const;

/** Returns the settings of a file with `version` and `domain` only. The domain is not checked here. */
export function defaultSettings(domain: string): Settings {
  const ciphersuite = parseCiphersuite(DEFAULTS.ciphersuite);
  if (ciphersuite === undefined)
    throw couldNot('internal', `the default ciphersuite ${DEFAULTS.ciphersuite} is unknown`);
  return {
    domain,
    ciphersuite,
    lifetimes: durations(DEFAULTS.lifetimes),
    bundleEvery: parseDuration(DEFAULTS.bundle_every),
    maxima: durations(DEFAULTS.maxima),
    allowedCiphersuites: FULL_CIPHERSUITES,
    backdating: parseDuration(DEFAULTS.backdating),
    requestAge: parseDuration(DEFAULTS.request_age),
    keyWorkFactor: WORK_FACTOR.usual,
    hsmTimeout: parseDuration(DEFAULTS.hsm_timeout),
    requirePlan: DEFAULTS.require_plan,
    approvals: DEFAULTS.approvals,
    clockTolerance: parseDuration(DEFAULTS.clock_tolerance),
    preflight: DEFAULTS.preflight,
  };
}

/** Returns the durations in texts that are known to be good. */
export function durations(texts: Readonly<Record<keyof Lifetimes, string>>): Lifetimes {
  return {
    root: parseDuration(texts.root),
    intermediate: parseDuration(texts.intermediate),
    client: parseDuration(texts.client),
    bundle: parseDuration(texts.bundle),
  };
}

/** Returns the values of `settingsTemplate` in the form in which they go on record. */
export function templateValues(domain: string, ciphersuite: CredentialCiphersuite): JsonObject {
  const { lifetimes, maxima, ...others } = DEFAULTS;
  const { bundle_every, backdating, request_age, hsm_timeout, clock_tolerance, preflight } = others;
  const { require_plan, approvals } = others;
  return {
    version: 1,
    domain,
    ciphersuite: ciphersuiteName(ciphersuite),
    lifetimes,
    bundle_every,
    maxima,
    allowed_ciphersuites: [...FULL_CIPHERSUITES],
    backdating,
    request_age,
    key_work_factor: WORK_FACTOR.usual,
    hsm_timeout,
    clock_tolerance,
    preflight: { ...preflight },
    require_plan,
    approvals,
  };
}

/** Returns a whole `authority.yaml` with every default written out and explained. */
export function settingsTemplate(domain: string, ciphersuite: CredentialCiphersuite): string {
  const { lifetimes, maxima } = DEFAULTS;
  return `# Settings of one authentication service's authority. as-ceremony reads them at every command.
# Durations are ISO 8601 (P10Y is ten years, P90D ninety days, PT15M fifteen minutes) or short (10y, 90d, 15m).
# Whatever is left out has the value that is written here, except version and domain.

# The version of this file's format.
version: 1

# The domain that every root credential is made for. It cannot be changed once a root credential exists.
domain: ${JSON.stringify(domain)}

# Signature scheme and hash of new credentials, where the command names no other.
ciphersuite: ${ciphersuiteName(ciphersuite)}

# How long new things are valid, where the command says nothing else.
lifetimes:
  root: ${lifetimes.root}
  intermediate: ${lifetimes.intermediate}
  # An intermediate credential cannot sign a client credential that would outlive it: with these values
  # it stops issuing 90 days before it expires.
  client: ${lifetimes.client}
  bundle: ${lifetimes.bundle}

# How far apart the bundles of a series begin. Shorter than a bundle's lifetime, so that there is time to publish the next.
bundle_every: ${DEFAULTS.bundle_every}

# The longest that a command, a request or a plan may ask for. A bundle's cannot be above ${LONGEST_BUNDLE}.
maxima:
  root: ${maxima.root}
  intermediate: ${maxima.intermediate}
  client: ${maxima.client}
  bundle: ${maxima.bundle}

# Ciphersuites that credentials and requests may have. Take away what you don't want to see.
allowed_ciphersuites:
${FULL_CIPHERSUITES.map((name) => `  - ${name}`).join('\n')}

# How far before the present a validity may begin when it is fixed, for clients whose clocks are slow.
backdating: ${DEFAULTS.backdating}

# How old a signing request may be when it is issued.
request_age: ${DEFAULTS.request_age}

# Cost of guessing the passphrase of a software key: 2 to this power (${String(WORK_FACTOR.least)} to ${String(WORK_FACTOR.most)}).
# ${String(WORK_FACTOR.usual)} takes about a second; each step up doubles it. Below ${String(WORK_FACTOR.usual)} there is a warning.
key_work_factor: ${String(WORK_FACTOR.usual)}

# How long an HSM may take for one thing before it is taken to hang; a login at the device itself has ten minutes.
hsm_timeout: ${DEFAULTS.hsm_timeout}

# Whether nothing may be signed but by a plan that was made before, and how many people must have approved it with their SSH keys; the file allowed_signers beside this one says who they are.
require_plan: ${String(DEFAULTS.require_plan)}
approvals: ${String(DEFAULTS.approvals)}

# How far this machine's clock may be from the time that a person reads off a watch.
clock_tolerance: ${DEFAULTS.clock_tolerance}

# What becomes of a ceremony where a check of the machine objects: refuse, warn (it goes on, and that is on record), or
# ignore (it does not look). docs/reference/checks.md says what each looks at.
preflight:
${Object.entries(DEFAULTS.preflight)
  .map(([id, severity]) => `  ${id}: ${severity}`)
  .join('\n')}
`;
}
