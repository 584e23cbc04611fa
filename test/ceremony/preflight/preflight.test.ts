import { describe, expect, test } from '@jest/globals';
import { DEFAULTS } from '../../../src/authority/formats/settings-defaults.js';
import { CHECKS, mustBeFit, preflight, type PreflightFinding } from '../../../src/ceremony/preflight/preflight.js';
import { CeremonyError } from '../../../src/common/errors.js';
import { anAuthority, means, recorded } from './support.js';

const SWAPS = (on: boolean) => recorded({ '/proc/swaps': `Filename\tType\n${on ? '/dev/sda2 partition\n' : ''}` });

async function swapVerdict(
  severity: 'refuse' | 'warn' | 'ignore',
  on: boolean | 'unseen',
  strict = false,
): Promise<PreflightFinding | undefined> {
  const authority = anAuthority();
  const settings = { ...authority.settings, preflight: { ...DEFAULTS.preflight, swap: severity } };
  const machine = on === 'unseen' ? recorded({}) : SWAPS(on);
  const [finding] = await preflight(means({ machine, authority: anAuthority({ settings }) }), {
    only: ['swap'],
    strict,
  });
  return finding;
}

describe('settings decide', () => {
  test.each([
    ['refuse', true, false, 'refuse'],
    ['warn', true, false, 'warn'],
    ['ignore', true, false, 'ignored'],
    ['refuse', false, false, 'ok'],
    // What could not be seen is never in order, and people look instead.
    ['refuse', 'unseen', false, 'warn'],
    ['warn', 'unseen', false, 'warn'],
    ['warn', true, true, 'refuse'],
    ['warn', 'unseen', true, 'refuse'],
    ['ignore', true, true, 'ignored'],
    ['warn', false, true, 'ok'],
  ] as const)('%s, swap on: %s, strict: %s: %s', async (severity, on, strict, verdict) => {
    expect((await swapVerdict(severity, on, strict))?.verdict).toBe(verdict);
  });

  test('without an authority the defaults count', async () => {
    const all = await preflight(means({ authority: undefined, machine: SWAPS(true), buildSeconds: 2 ** 33 }));
    const verdicts = new Map(all.map(({ id, verdict }) => [id, verdict]));
    expect([verdicts.get('clock'), verdicts.get('swap')]).toEqual(['refuse', 'warn']);
  });
});

test('every check has a setting and every setting a check; all are run, in order', async () => {
  const ids = CHECKS.map(({ id }) => id);
  expect([...ids].sort()).toEqual(Object.keys(DEFAULTS.preflight).sort());
  expect((await preflight(means())).map(({ id }) => id)).toEqual(ids);
  for (const { id, source, reason } of CHECKS) {
    expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect([source, reason]).not.toContain('');
  }
});

test('by default the clock refuses, and memory, and the rest warns', () => {
  const refusing = Object.entries(DEFAULTS.preflight).filter(([, severity]) => severity === 'refuse');
  expect(refusing.map(([id]) => id)).toEqual(['clock', 'clock-typed', 'memory-file-system']);
});

test('mustBeFit: lists all that refuses, and nothing else', () => {
  const finding = (id: PreflightFinding['id'], verdict: PreflightFinding['verdict']) => ({
    id,
    verdict,
    saw: `saw ${id}`,
    hint: `do ${id}`,
  });
  expect(() => mustBeFit([finding('swap', 'warn'), finding('clock', 'ok'), finding('hsm', 'ignored')])).not.toThrow();
  try {
    mustBeFit([finding('swap', 'refuse'), finding('clock', 'warn'), finding('hsm', 'refuse')]);
    throw new Error('it was fit');
  } catch (error) {
    if (!(error instanceof CeremonyError)) throw error;
    expect([error.kind, error.code, error.hint]).toEqual(['refused', 'unfit', 'do swap']);
    expect(error.message).toBe('this machine is not fit for a ceremony: swap: saw swap (and 1 more)');
    expect(error.findings.map(({ rule }) => rule)).toEqual(['swap', 'hsm']);
  }
});
