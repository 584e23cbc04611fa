/**
 * The fields of `authority.yaml`, first each by itself (a valibot schema), then compared with each other. This file,
 * and valibot with it, is loaded only if there are settings to read.
 */
import * as v from 'valibot';
import { messageOf } from '../../common/errors.js';
import { type Duration, isNeverLonger, parseDuration } from '../../common/time.js';
import { checkFqdn } from '../../credential/fqdn.js';
import { parseCiphersuite } from '../../crypto/ciphersuite.js';
import {
  type CheckId,
  DEFAULTS,
  defaultSettings,
  durations,
  FULL_CIPHERSUITES,
  type Lifetimes,
  LONGEST_BUNDLE,
  LONGEST_CLOCK_TOLERANCE,
  LONGEST_HSM_TIMEOUT,
  type Settings,
  SEVERITIES,
  WORK_FACTOR,
} from './settings-defaults.js';

export type SettingsFields = v.InferOutput<ReturnType<typeof settingsSchema>>;

/** One thing that is wrong: its place in the document (keys from the top), and what it is. */
export interface Misfit {
  readonly path: readonly string[];
  readonly what: string;
}

/** `against` names the settings that it was compared with, with dots. */
export interface Comparison extends Misfit {
  readonly against: readonly string[];
}

/** Returns the fields, or what is wrong with each of them by itself. */
export function parseFields(data: unknown): v.SafeParseResult<ReturnType<typeof settingsSchema>> {
  return v.safeParse(settingsSchema(), data);
}

function settingsSchema() {
  const unknown = v.never('is not a setting');
  const incomplete = (issue: { readonly received: string }): string =>
    issue.received === 'undefined' ? 'is missing' : 'is not a group of settings';
  const duration = (least: 0 | 1) =>
    v.pipe(
      v.string('is not a duration such as P90D'),
      v.rawCheck(({ dataset, addIssue }) => {
        if (!dataset.typed) return;
        const reason = whyNoDuration(dataset.value, least);
        if (reason !== undefined) addIssue({ message: reason });
      }),
    );
  const lifetimes = (usual: Readonly<Record<keyof Lifetimes, string>>) =>
    v.optional(
      v.objectWithRest(
        {
          root: v.optional(duration(1), usual.root),
          intermediate: v.optional(duration(1), usual.intermediate),
          client: v.optional(duration(1), usual.client),
          bundle: v.optional(duration(1), usual.bundle),
        },
        unknown,
        incomplete,
      ),
      {},
    );
  const ciphersuite = v.picklist(FULL_CIPHERSUITES, `is none of ${FULL_CIPHERSUITES.join(', ')}`);
  const severity = v.picklist(SEVERITIES, `is none of ${SEVERITIES.join(', ')}`);
  const checks = Object.fromEntries(
    Object.entries(DEFAULTS.preflight).map(([id, usual]) => [id, v.optional(severity, usual)]),
  ) as Record<CheckId, ReturnType<typeof v.optional<typeof severity, 'refuse' | 'warn'>>>;
  const workFactor = `is not a whole number from ${String(WORK_FACTOR.least)} to ${String(WORK_FACTOR.most)}`;
  return v.objectWithRest(
    {
      version: v.literal(1, 'is not 1, the only version that this as-ceremony reads'),
      domain: v.pipe(
        v.string('is not a text'),
        v.rawCheck(({ dataset, addIssue }) => {
          const reason = dataset.typed ? checkFqdn(dataset.value) : undefined;
          if (reason !== undefined) addIssue({ message: `is not a domain: ${reason}` });
        }),
      ),
      ciphersuite: v.optional(ciphersuite, DEFAULTS.ciphersuite),
      lifetimes: lifetimes(DEFAULTS.lifetimes),
      bundle_every: v.optional(duration(1), DEFAULTS.bundle_every),
      maxima: lifetimes(DEFAULTS.maxima),
      allowed_ciphersuites: v.optional(
        v.pipe(
          v.array(ciphersuite, 'is not a list'),
          v.minLength(1, 'is empty, so that nothing could be signed'),
          v.check((names) => new Set(names).size === names.length, 'has a name twice'),
        ),
        [...FULL_CIPHERSUITES],
      ),
      backdating: v.optional(duration(0), DEFAULTS.backdating),
      request_age: v.optional(duration(1), DEFAULTS.request_age),
      key_work_factor: v.optional(
        v.pipe(
          v.number(workFactor),
          v.integer(workFactor),
          v.minValue(WORK_FACTOR.least, workFactor),
          v.maxValue(WORK_FACTOR.most, workFactor),
        ),
        WORK_FACTOR.usual,
      ),
      hsm_timeout: v.optional(duration(1), DEFAULTS.hsm_timeout),
      require_plan: v.optional(v.boolean('is neither true nor false'), DEFAULTS.require_plan),
      approvals: v.optional(
        v.pipe(
          v.number('is not a number'),
          v.integer('is not a whole number'),
          v.minValue(0, 'is below 0'),
          v.maxValue(20, 'is above 20'),
        ),
        DEFAULTS.approvals,
      ),
      clock_tolerance: v.optional(duration(1), DEFAULTS.clock_tolerance),
      preflight: v.optional(v.objectWithRest(checks, unknown, incomplete), {}),
    },
    unknown,
    incomplete,
  );
}

function whyNoDuration(text: string, least: 0 | 1): string | undefined {
  let duration: Duration;
  try {
    duration = parseDuration(text);
  } catch (error) {
    return messageOf(error);
  }
  const empty = duration.months + duration.days + duration.seconds === 0;
  return empty && least === 1 ? `${text} is no time at all` : undefined;
}

/** Returns the settings of a file whose fields are all good. */
export function toSettings(fields: SettingsFields): Settings {
  const defaults = defaultSettings(fields.domain);
  return {
    domain: fields.domain,
    ciphersuite: parseCiphersuite(fields.ciphersuite) ?? defaults.ciphersuite,
    lifetimes: durations(fields.lifetimes),
    bundleEvery: parseDuration(fields.bundle_every),
    maxima: durations(fields.maxima),
    allowedCiphersuites: fields.allowed_ciphersuites,
    backdating: parseDuration(fields.backdating),
    requestAge: parseDuration(fields.request_age),
    keyWorkFactor: fields.key_work_factor,
    hsmTimeout: parseDuration(fields.hsm_timeout),
    requirePlan: fields.require_plan,
    approvals: fields.approvals,
    clockTolerance: parseDuration(fields.clock_tolerance),
    preflight: fields.preflight,
  };
}

/** Returns what is wrong with the settings in relation to each other. `against` names the others that were compared. */
export function comparisons(settings: SettingsFields): readonly Comparison[] {
  const { lifetimes, maxima } = settings;
  const wrong: Comparison[] = [];
  const atMost = (path: string, value: string, against: string, limit: string, why: string): void => {
    if (isNeverLonger(parseDuration(value), parseDuration(limit))) return;
    wrong.push({
      path: path.split('.'),
      what: `${value} can be longer than ${against} (${limit})${why}`,
      against: [against],
    });
  };
  for (const kind of ['root', 'intermediate', 'client', 'bundle'] as const) {
    atMost(`lifetimes.${kind}`, lifetimes[kind], `maxima.${kind}`, maxima[kind], '');
  }
  const nested = ', and what it signs may not outlive it';
  atMost('lifetimes.intermediate', lifetimes.intermediate, 'lifetimes.root', lifetimes.root, nested);
  atMost('lifetimes.client', lifetimes.client, 'lifetimes.intermediate', lifetimes.intermediate, nested);
  atMost('bundle_every', settings.bundle_every, 'lifetimes.bundle', lifetimes.bundle, ': a series would have gaps');
  atMost('hsm_timeout', settings.hsm_timeout, 'the longest', LONGEST_HSM_TIMEOUT, '');
  atMost('clock_tolerance', settings.clock_tolerance, 'the longest', LONGEST_CLOCK_TOLERANCE, '');
  atMost('maxima.bundle', maxima.bundle, 'what the bundle format allows', LONGEST_BUNDLE, '');
  if (!settings.allowed_ciphersuites.includes(settings.ciphersuite)) {
    const what = `${settings.ciphersuite} is not among allowed_ciphersuites`;
    wrong.push({ path: ['ciphersuite'], what, against: ['allowed_ciphersuites'] });
  }
  return wrong;
}
