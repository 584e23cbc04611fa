/**
 * Forged chains in an order that is known, so that each verdict is surely seen: keys are stolen, chains are forged, the
 * credential is revoked, and some clients hear of it and others don't. The random decades have the same in every order.
 */
import { describe, expect, test } from '@jest/globals';
import type { RevocationReason } from '../../src/bundle/revocation.js';
import { Decade, type Tally } from './decade.js';
import { CHAIN_FORGERIES, type ChainForgery } from './forged-chains.js';
import type { Event, Happening } from './plan.js';

const after = (days: number, what: Happening): Event => ({ days, what });
const BUNDLE: Happening = {
  kind: 'export',
  intermediate: 0,
  series: 1,
  threshold: 0,
  commitment: 'as it is',
  fate: 'published',
  withdrawRest: false,
  repin: false,
};

/** Each of them once, alone: the number picks the same one again, or one that this thief can make nothing of. */
const forgeAll = (): Event[] => CHAIN_FORGERIES.map((forgery) => after(0, { kind: 'forge chains', which: 0, forgery }));

const STEALS: readonly Event[] = [
  after(1, { kind: 'steal root', which: 0 }),
  after(0, { kind: 'steal intermediate', which: 0 }),
  after(0, { kind: 'steal client', which: 0 }),
];

/** A client with the bundle of before, who looks at no other until that is over; and the bundle that says it. */
const revoked = (kind: 'revoke root' | 'revoke intermediate' | 'revoke forged', reason: RevocationReason): Event[] => [
  after(1, { kind: 'new client', habit: 'lazy', which: 0 }),
  after(0, { kind, which: 0, reason }),
  after(0, BUNDLE),
];

async function lived(events: readonly Event[]): Promise<Readonly<Record<string, readonly string[]>>> {
  const tally: Tally = {};
  await new Decade(tally).live(events);
  return Object.fromEntries(
    CHAIN_FORGERIES.map((what) => {
      const begin = `forged chain, ${what}: `;
      const codes = Object.keys(tally).filter((key) => key.startsWith(begin));
      return [what, codes.map((key) => key.slice(begin.length)).sort()];
    }),
  );
}

/** What a thief can do until it is noticed. */
const UNNOTICED: Readonly<Record<ChainForgery, string>> = {
  'client as long as its issuer': 'valid',
  'client dated back': 'valid',
  'client older than its issuer': 'validity-not-nested',
  'client that outlives its issuer': 'validity-not-nested',
  'client of another user': 'valid',
  'client of another domain': 'domain-mismatch',
  "client with a victim's key": 'bad-self-signature',
  'client that another key signed': 'bad-signature',
  leaf: 'valid',
  'leaf that outlives its client': 'validity-not-nested',
  'leaf of a stolen client': 'valid',
  'leaf that outlives a stolen client': 'validity-not-nested',
  'leaf below an intermediate': 'unknown-signer',
  'intermediate below an intermediate': 'unknown-signer',
  'intermediate anew with the stolen key': 'untrusted',
  'own intermediate': 'untrusted',
  'own intermediate that outlives its root': 'validity-not-nested',
  'client below a root': 'unknown-signer',
};
/** Found out before any revocation is looked at. */
const ALWAYS = new Set(['validity-not-nested', 'bad-self-signature', 'bad-signature', 'unknown-signer']);

describe('chains below stolen keys', () => {
  test('before anybody knows: what nests and is genuine is taken, nothing else', async () => {
    const seen = await lived([...STEALS, ...forgeAll()]);
    for (const what of CHAIN_FORGERIES) expect([what, seen[what]?.[0]]).toEqual([what, UNNOTICED[what]]);
  }, 60_000);

  test('none outlives its own time, however long its issuer goes on', async () => {
    const seen = await lived([
      ...STEALS,
      after(0, { kind: 'forge chains', which: 0, forgery: 'client dated back' }),
      after(95, BUNDLE),
    ]);
    expect(seen['client dated back']).toEqual(['expired', 'valid']);
  }, 60_000);

  test.each(['key-compromise', 'superseded'] as const)(
    'an intermediate is revoked (%s): refused by whoever has heard of it, taken by whoever has not',
    async (reason) => {
      const seen = await lived([...STEALS, ...revoked('revoke intermediate', reason), ...forgeAll()]);
      for (const what of CHAIN_FORGERIES) {
        const code = UNNOTICED[what];
        const belowRootAlone = what === 'own intermediate' || what === 'intermediate anew with the stolen key';
        const wanted = ALWAYS.has(code) || belowRootAlone ? [code] : [code, 'revoked'];
        expect([what, seen[what]]).toEqual([what, expect.arrayContaining(wanted)]);
      }
    },
    60_000,
  );

  test('a root is revoked: everything below it falls, also what it has never signed before', async () => {
    const seen = await lived([
      ...STEALS,
      after(0, { kind: 'rotate root', lifetime: 3650, later: 0, reserve: false }),
      after(0, BUNDLE),
      ...revoked('revoke root', 'key-compromise').map((event) =>
        event.what.kind === 'revoke root' ? after(0, { ...event.what, which: 1 }) : event,
      ),
      ...forgeAll(),
    ]);
    for (const what of CHAIN_FORGERIES.filter((one) => !ALWAYS.has(UNNOTICED[one])))
      expect([what, seen[what]]).toEqual([what, expect.arrayContaining([UNNOTICED[what], 'revoked'])]);
  }, 60_000);

  test('what was forged is revoked by its fingerprint alone: that goes, and nothing beside it', async () => {
    const seen = await lived([
      ...STEALS,
      after(0, { kind: 'forge chains', which: 0, forgery: 'leaf of a stolen client' }),
      after(0, { kind: 'forge chains', which: 0, forgery: 'client of another user' }),
      ...revoked('revoke forged', 'unspecified'),
    ]);
    expect(seen['leaf of a stolen client']).toEqual(expect.arrayContaining(['valid', 'revoked']));
    expect(seen['client of another user']).toEqual(expect.arrayContaining(['valid']));
    expect(seen['client of another user']).not.toContain('revoked');
  }, 60_000);
});
