import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseDuration, validityOf } from '../../../src/common/time.js';
import { resolveValidity } from '../../../src/operations/context/validity.js';
import { issuingDeadline, stateOf } from '../../../src/operations/lifecycle/credential-state.js';
import { outcome } from '../../bundle/support.js';

const AT = 1_800_000_000;
const DAY = 86_400;
const validity = { notBefore: AT, notAfter: AT + 365 * DAY - 1 };
const childLifetime = parseDuration('P90D');

describe('state', () => {
  const deadline = AT + 275 * DAY;
  const at = (atSeconds: number, revoked = false): string => stateOf(validity, { atSeconds, revoked, childLifetime });

  test.each([
    [AT - 1, 'scheduled'],
    [AT, 'active'],
    [AT + 1, 'active'],
    [deadline - 1, 'active'],
    [deadline, 'active'],
    [deadline + 1, 'issuing-ended'],
    [validity.notAfter - 1, 'issuing-ended'],
    [validity.notAfter, 'issuing-ended'],
    [validity.notAfter + 1, 'expired'],
  ])('at %d: %s', (time, state) => {
    expect(at(time)).toBe(state);
    expect(at(time, true)).toBe('revoked');
  });

  test('shorter than a child, it never issues', () => {
    const short = { notBefore: AT, notAfter: AT + 89 * DAY };
    expect(stateOf(short, { atSeconds: AT, revoked: false, childLifetime })).toBe('issuing-ended');
  });

  test('exactly as long as a child, it issues in its first second', () => {
    const exact = { notBefore: AT, notAfter: validityOf(AT, childLifetime) };
    const state = (atSeconds: number): string => stateOf(exact, { atSeconds, revoked: false, childLifetime });
    expect([state(AT - 1), state(AT), state(AT + 1)]).toEqual(['scheduled', 'active', 'issuing-ended']);
  });
});

describe('issuing deadline', () => {
  test('in days: the last second at which a whole child nests', () => {
    const deadline = issuingDeadline(validity, childLifetime);
    expect(validityOf(deadline, childLifetime)).toBe(validity.notAfter);
    expect(validityOf(deadline + 1, childLifetime)).toBe(validity.notAfter + 1);
  });

  test('whatever the calendar does, a child that begins then nests', () => {
    const lifetimes = fc.constantFrom('P1M', 'P3M', 'P1Y', 'P1Y6M', 'P90D', 'P1MT5H', 'P1Y1D').map(parseDuration);
    fc.assert(
      fc.property(fc.integer({ min: AT, max: AT + 3000 * DAY }), lifetimes, (notAfter, lifetime) => {
        const deadline = issuingDeadline({ notBefore: 0, notAfter }, lifetime);
        return validityOf(deadline, lifetime) <= notAfter;
      }),
    );
  });
});

describe('resolved validity', () => {
  const policy = { atSeconds: AT, backdating: parseDuration('PT15M'), lifetime: parseDuration('P10D') };

  test('the policy if nothing is said', () => {
    expect(resolveValidity({}, policy)).toEqual({ notBefore: AT - 900, notAfter: AT - 900 + 10 * DAY - 1 });
  });

  test('what is said comes first', () => {
    const lifetime = parseDuration('P1D');
    expect(resolveValidity({ notBefore: 5 }, policy)).toEqual({ notBefore: 5, notAfter: 5 + 10 * DAY - 1 });
    expect(resolveValidity({ lifetime }, policy)).toEqual({ notBefore: AT - 900, notAfter: AT - 901 + DAY });
    expect(resolveValidity({ notAfter: AT + 9 }, policy)).toEqual({ notBefore: AT - 900, notAfter: AT + 9 });
    expect(resolveValidity({ notBefore: 3, notAfter: 4, lifetime }, policy)).toEqual({ notBefore: 3, notAfter: 4 });
  });

  test('not before its signer, and never shortened to it', () => {
    const signer = (notBefore: number) => resolveValidity({}, { ...policy, signer: { notBefore, notAfter: AT } });
    expect(signer(AT - 901).notBefore).toBe(AT - 900);
    expect(signer(AT - 900).notBefore).toBe(AT - 900);
    expect(signer(AT - 899)).toEqual({ notBefore: AT - 899, notAfter: AT - 900 + 10 * DAY });
    // What is said stands: the rules refuse it.
    const said = resolveValidity({ notBefore: 5 }, { ...policy, signer: { notBefore: AT, notAfter: AT } });
    expect(said.notBefore).toBe(5);
  });

  test.each([-1, 0, 1])('an end %d s after its begin', (seconds) => {
    const code = outcome(() => resolveValidity({ notBefore: AT, notAfter: AT + seconds }, policy));
    expect(code).toBe(seconds > 0 ? 'valid' : 'usage');
  });
});
