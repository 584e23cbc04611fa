import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseSettings, readSettings } from '../../../src/authority/formats/settings.js';
import {
  DEFAULTS,
  defaultSettings,
  FULL_CIPHERSUITES,
  settingsTemplate,
} from '../../../src/authority/formats/settings-defaults.js';
import { utf8 } from '../../../src/common/bytes.js';
import { CeremonyError } from '../../../src/common/errors.js';
import { parseDuration } from '../../../src/common/time.js';
import { parseCiphersuite } from '../../../src/crypto/ciphersuite.js';

const LEAST = 'version: 1\ndomain: example.org\n';

function parse(text: string) {
  return parseSettings(utf8(text));
}

/** The messages of all findings. */
async function findings(text: string): Promise<string[]> {
  try {
    await parse(text);
  } catch (error) {
    if (!(error instanceof CeremonyError)) throw error;
    expect([error.kind, error.code]).toEqual(['could-not', 'bad-settings']);
    return error.findings.map((finding) => finding.message);
  }
  return [];
}

describe('authority.yaml', () => {
  test('with version and domain alone has every default', async () => {
    expect(await parse(LEAST)).toEqual(defaultSettings('example.org'));
  });

  test.each(FULL_CIPHERSUITES)('as init writes it for %s says the defaults', async (name) => {
    const ciphersuite = parseCiphersuite(name);
    if (ciphersuite === undefined) throw new Error(name);
    expect(await parse(settingsTemplate('example.org', ciphersuite))).toEqual({
      ...defaultSettings('example.org'),
      ciphersuite,
    });
  });

  test('takes a duration whose parts are as many', async () => {
    for (const text of ['P1M1D', 'P1DT1S', 'PT1S', 'P1D'])
      expect((await parse(`${LEAST}request_age: ${text}\n`)).requestAge).toEqual(parseDuration(text));
    expect(await findings(`${LEAST}request_age: PT0S\n`)).toHaveLength(1);
  });

  test('takes a domain that YAML alone would read as something else', async () => {
    const ciphersuite = defaultSettings('x').ciphersuite;
    for (const domain of ['true', 'null', 'x1e3']) {
      expect((await parse(settingsTemplate(domain, ciphersuite))).domain).toBe(domain);
    }
  });

  test('sets each thing', async () => {
    const text = `${LEAST}ciphersuite: p384-sha384
lifetimes: {root: 8y, intermediate: P6M, client: 30d, bundle: 60d}
bundle_every: 45d
maxima: {root: 9y, intermediate: P7M, client: 31d, bundle: 61d}
allowed_ciphersuites: [p384-sha384]
backdating: PT0S
request_age: 7d
key_work_factor: 22
hsm_timeout: 5m
require_plan: true
approvals: 2
clock_tolerance: 1m
preflight: {clock: warn, swap: refuse, root-user: ignore}
`;
    expect(await parse(text)).toEqual({
      domain: 'example.org',
      ciphersuite: parseCiphersuite('p384-sha384'),
      lifetimes: {
        root: parseDuration('P8Y'),
        intermediate: parseDuration('P6M'),
        client: parseDuration('P30D'),
        bundle: parseDuration('P60D'),
      },
      bundleEvery: parseDuration('P45D'),
      maxima: {
        root: parseDuration('P9Y'),
        intermediate: parseDuration('P7M'),
        client: parseDuration('P31D'),
        bundle: parseDuration('P61D'),
      },
      allowedCiphersuites: ['p384-sha384'],
      backdating: parseDuration('PT0S'),
      requestAge: parseDuration('P7D'),
      keyWorkFactor: 22,
      hsmTimeout: parseDuration('PT5M'),
      requirePlan: true,
      approvals: 2,
      clockTolerance: parseDuration('PT1M'),
      preflight: { ...DEFAULTS.preflight, clock: 'warn', swap: 'refuse', 'root-user': 'ignore' },
    });
  });

  test('lists everything that is wrong at once, by line and field', async () => {
    const text = `version: 2
domain: Example.org
lifetimes:
  root: ten years
  client: P2Y
  leaf: P1D
surprise: 1
another: 2
allowed_ciphersuites:
  - ed25519-sha256
  - rsa
key_work_factor: 23
`;
    expect(await findings(text)).toEqual([
      expect.stringMatching(/^authority\.yaml:1: version: is not 1/),
      expect.stringMatching(/^authority\.yaml:2: domain: is not a domain: /),
      expect.stringMatching(/^authority\.yaml:4: lifetimes\.root: 'ten years' is not a duration/),
      expect.stringMatching(/^authority\.yaml:5: lifetimes\.client: P2Y can be longer than maxima\.client \(P1Y\)/),
      expect.stringMatching(/^authority\.yaml:5: lifetimes\.client: P2Y can be longer than lifetimes\.intermediate/),
      expect.stringMatching(/^authority\.yaml:6: lifetimes\.leaf: is not a setting/),
      expect.stringMatching(/^authority\.yaml:7: surprise: is not a setting/),
      expect.stringMatching(/^authority\.yaml:8: another: is not a setting/),
      expect.stringMatching(/^authority\.yaml:11: allowed_ciphersuites\.1: is none of /),
      expect.stringMatching(/^authority\.yaml:12: key_work_factor: is not a whole number from 14 to 22/),
    ]);
  });

  test.each([
    ['', /it is empty|is missing|not a group/],
    ['domain: example.org\n', /version: is missing/],
    ['version: 1\n', /domain: is missing/],
    ['- a\n', /is not a group of settings/],
    [`${LEAST}version: 1\n`, /:3: .*unique/],
    [`${LEAST}---\nversion: 1\n`, /:3: a second document/],
    [`%YAML 1.1\n---\n${LEAST}`, /:1: directives/],
    [`${LEAST}backdating: &a PT1M\n`, /:3: the anchor &a/],
    [`${LEAST}backdating: &a PT1M\nrequest_age: *a\n`, /:4: the alias \*a/],
    [`${LEAST}backdating: !!str PT1M\n`, /:3: the tag/],
    [`${LEAST}backdating: !x PT1M\n`, /:3: /],
    [`${LEAST}<<: {backdating: PT1M}\n`, /:3: <<: is not a setting/],
    [`${LEAST}__proto__: {backdating: PT1M}\n`, /:3: __proto__ is not a setting/],
    [`${LEAST}lifetimes: P1Y\n`, /:3: lifetimes: is not a group/],
    [`${LEAST}lifetimes:\n`, /:3: lifetimes: is not a group/],
    [`${LEAST}backdating: 15\n`, /:3: backdating: is not a duration/],
    [`${LEAST}request_age: P0D\n`, /:3: request_age: P0D is no time at all/],
    [`${LEAST}lifetimes: {root: P12Y}\n`, /:3: lifetimes\.root: P12Y can be longer than maxima\.root \(P11Y\)/],
    [
      `${LEAST}maxima: {root: P9Y}\n`,
      /:3: .*lifetimes\.root|:1: lifetimes\.root: P10Y can be longer than maxima\.root/,
    ],
    [`${LEAST}maxima: {bundle: P401D}\n`, /:3: maxima\.bundle: P401D can be longer/],
    [`${LEAST}bundle_every: P121D\n`, /:3: bundle_every: P121D can be longer/],
    [`${LEAST}allowed_ciphersuites: []\n`, /:3: allowed_ciphersuites: is empty/],
    [`${LEAST}allowed_ciphersuites: [p256-sha256, p256-sha256]\n`, /:3: allowed_ciphersuites: has a name twice/],
    [`${LEAST}allowed_ciphersuites: [p256-sha256]\n`, /ciphersuite: ed25519-sha256 is not among allowed_ciphersuites/],
    [`${LEAST}ciphersuite: ed25519-sha512\n`, /:3: ciphersuite: is none of/],
    [`${LEAST}preflight:\n  swap: never\n`, /:4: preflight\.swap: is none of refuse, warn, ignore/],
    [`${LEAST}preflight:\n  swap: warn\n  wifi: warn\n`, /:5: preflight\.wifi: is not a setting/],
    [`${LEAST}preflight: warn\n`, /:3: preflight: is not a group/],
    [`${LEAST}clock_tolerance: PT1H1S\n`, /:3: clock_tolerance: PT1H1S can be longer than the longest \(PT1H\)/],
    [`${LEAST}clock_tolerance: PT0S\n`, /:3: clock_tolerance: PT0S is no time at all/],
    [`${LEAST}x: "\n`, /authority\.yaml:/],
  ])('refuses %j', async (text, pattern) => {
    expect((await findings(text)).join('\n')).toMatch(pattern);
  });

  test.each([13, 14, 22, 23, 18.5])('work factor %d', async (factor) => {
    const good = Number.isInteger(factor) && factor >= 14 && factor <= 22;
    expect((await findings(`${LEAST}key_work_factor: ${String(factor)}\n`)).length).toBe(good ? 0 : 1);
  });

  test('has at most 64 KiB', async () => {
    const padded = (length: number): string => `${LEAST}#${'x'.repeat(length - LEAST.length - 1)}`;
    expect(await findings(padded(65_536))).toEqual([]);
    expect(await findings(padded(65_537))).toEqual(['authority.yaml:1: it is larger than 64 KiB']);
  });

  test('refuses nesting without end', async () => {
    expect((await findings(`${LEAST}a: ${'['.repeat(30_000)}\n`)).join('\n')).toMatch(/authority\.yaml:/);
  });

  test('is UTF-8', async () => {
    await expect(parseSettings(Uint8Array.of(0x80))).rejects.toThrow(expect.objectContaining({ code: 'bad-settings' }));
  });

  test('gives settings or bad-settings for whatever text', async () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'version',
        'domain',
        ': ',
        '\n',
        '  ',
        '- ',
        '{',
        '}',
        '[',
        ']',
        '&a',
        '*a',
        '!!map ',
        '"',
        '#',
        '---',
        '|',
        '1',
        'P1D',
        '<<',
        '?',
      ),
      fc.string({ maxLength: 5 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 30 }), async (pieces) => {
        await findings(pieces.join(''));
      }),
      { numRuns: 300 },
    );
  });
});

test('the same bytes are parsed once, and others separately', async () => {
  const [one, other] = ['a.example', 'b.example'].map((domain) => utf8(`version: 1\ndomain: ${domain}\n`));
  const first = await readSettings(Uint8Array.from(one ?? []));
  expect(await readSettings(Uint8Array.from(one ?? []))).toBe(first);
  expect((await readSettings(Uint8Array.from(other ?? []))).settings.domain).toBe('b.example');
  expect((await readSettings(Uint8Array.from(one ?? []))).settings).toEqual(first.settings);
});
