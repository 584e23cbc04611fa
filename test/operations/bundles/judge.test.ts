/** A proposal that somebody else's courier brought: what costs nothing is looked at first. */
import { expect, test } from '@jest/globals';
import { type CborValue, encodeCbor } from '../../../src/codec/cbor.js';
import { judgeAlone, judgePrepared } from '../../../src/operations/stages/judge-prepared.js';
import { outcome } from '../../bundle/support.js';
import { AT, Bench, DOMAIN } from '../support.js';

/** The first bundle of an authority, whose one credential doesn't decode. */
function proposal(change: { domain?: string; after?: number; sequence?: number; issuedAt?: number }): Uint8Array {
  const { domain = DOMAIN, after = 0, sequence = after + 1, issuedAt = AT } = change;
  const payload = encodeCbor(
    new Map<string, CborValue>(
      Object.entries({
        version: 1,
        as_domain: domain,
        sequence,
        previous: sequence === 1 ? null : new Uint8Array(32),
        issued_at: issuedAt,
        expires_at: issuedAt + 1,
        as_credentials: [Uint8Array.of(1)],
        as_intermediate_credentials: [],
        revoked_certs: [],
        threshold: 1,
        next_roots: [],
      }),
    ),
  );
  const bundle = new Map<string, CborValue>(Object.entries({ payload, departing: [Uint8Array.of(2)] }));
  const lists = { retire: [], lost: [], list: [] };
  const file = { type: 'as-ceremony prepared bundles', version: 1, as_domain: domain, after, ...lists };
  return encodeCbor(new Map<string, CborValue>(Object.entries({ ...file, repin: false, bundles: [bundle] })));
}

test.each([
  ['domain-mismatch', { domain: 'example.com' }],
  ['prepared-stale', { after: 1 }],
  ['prepared-stale', { issuedAt: AT + 1_000_000 }],
  ['prepared-malformed', {}],
])('%s is said before a credential in it is decoded, if at all', async (code, change) => {
  const context = await new Bench().context();
  expect(outcome(() => judgePrepared(context, proposal(change), [], { strict: true }))).toBe(code);
  if ('after' in change) return;
  const alone = { given: 0, judged: () => [] };
  expect(outcome(() => judgeAlone(context, proposal(change), alone))).toBe(code);
});
