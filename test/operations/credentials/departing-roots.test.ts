/**
 * Roots that are listed no more sign once again, wherever holders of an earlier bundle need it and the key is there.
 * Found by the decade.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { commitmentOf } from '../../../src/bundle/commitment.js';
import { toHex } from '../../../src/common/bytes.js';
import type { AsCredential } from '../../../src/credential/as-credential.js';
import { fingerprintOf } from '../../../src/credential/fingerprint-of.js';
import { nodeEngine } from '../../../src/crypto/node-engine.js';
import { exportBundle, type ExportedBundle, exportSeries } from '../../../src/operations/bundles/export-bundle.js';
import { markBundle } from '../../../src/operations/bundles/mark-bundle.js';
import type { BundleOptions } from '../../../src/operations/bundles/next-bundle.js';
import { generateRoot } from '../../../src/operations/credentials/generate-root.js';
import { revoke } from '../../../src/operations/credentials/revoke-credential.js';
import { acceptBundle } from '../../../src/verify/accept-bundle.js';
import { suite } from '../../policy/support.js';
import { AT, Bench, DAY } from '../support.js';

const nameOf = (root: AsCredential): string => toHex(fingerprintOf(root));

class Roots {
  readonly bench = new Bench([], true);

  async root(atSeconds: number, notAfter?: number): Promise<AsCredential> {
    const context = await this.bench.context({ atSeconds, seed: `root ${String(atSeconds)}` });
    const succeeds = context.authority.roots.length > 0;
    // From the second on: the later one ends later.
    return (
      await generateRoot(context, {
        ciphersuite: suite('ed25519-sha256'),
        notBefore: atSeconds,
        ...(notAfter === undefined ? {} : { notAfter }),
        succeeds,
      })
    ).credential;
  }

  async export(atSeconds: number, wanted: BundleOptions): Promise<ExportedBundle> {
    return exportBundle(await this.bench.context({ atSeconds, seed: `export ${String(atSeconds)}` }), wanted);
  }
}

const takes = (last: ExportedBundle, next: ExportedBundle, known: readonly AsCredential[]): unknown =>
  acceptBundle({
    bundle: next.bundle.encoded,
    held: { last: last.bundle.encoded },
    known,
    atSeconds: next.bundle.payload.issuedAt,
    engines: [nodeEngine],
  });

describe('a bundle that is late', () => {
  const LATE = AT + 200 * DAY;

  test('is signed for those who hold the newest, though it expired long ago', async () => {
    const roots = new Roots();
    const old = await roots.root(AT);
    const first = await roots.export(AT, {});
    const successor = await roots.root(LATE - 5);
    const next = await roots.export(LATE, { retire: [nameOf(old)] });
    expect([...next.signers].sort()).toEqual([nameOf(old), nameOf(successor)].sort());
    takes(first, next, [old]);
  });

  test('and refused if they could not accept it', async () => {
    const roots = new Roots();
    const old = await roots.root(AT);
    await roots.export(AT, {});
    await roots.root(LATE - 5);
    rmSync(join(roots.bench.dir, 'keys/root-1.age'));
    const refusal = await roots.bench.refusal(() => roots.export(LATE, { lost: [nameOf(old)] }));
    expect(refusal.code).toBe('clients-would-refuse');
    expect((await roots.export(LATE, { lost: [nameOf(old)], repin: true })).signers).toHaveLength(1);
  });
});

test('a bundle that outlives every root it lists is refused, though holders of the newest would take it by the one that goes', async () => {
  const roots = new Roots();
  const old = await roots.root(AT);
  const first = await roots.export(AT, {});
  const revoking = await roots.bench.context({ atSeconds: AT + DAY, seed: 'revoke' });
  await revoke(revoking, { name: nameOf(old), reason: 'unspecified', unknown: false });
  const context = await roots.bench.context({ atSeconds: AT + 2 * DAY, seed: 'short' });
  const validity = { notBefore: AT + 2 * DAY, notAfter: AT + 300 * DAY };
  await generateRoot(context, { ciphersuite: suite('ed25519-sha256'), ...validity, succeeds: true });
  for (const wanted of [{}, { repin: true }]) {
    const refusal = await roots.bench.refusal(() => roots.export(AT + 200 * DAY, wanted));
    expect(refusal).toMatchObject({ code: 'clients-would-refuse' });
    expect(refusal.message).toContain('a new client that pinned credentials/root-2.pem');
  }
  // A shorter one will do, for both.
  const short = await roots.export(AT + 200 * DAY, { lifetime: { months: 0, days: 90, seconds: 0 } });
  takes(first, short, [old]);
});

test('a root that was committed to signs the change of roots by which it goes itself', async () => {
  const roots = new Roots();
  const first = await roots.root(AT);
  const committed = await roots.root(AT + 10);
  const { ciphersuite, publicKey } = committed.payload;
  const wanted = { nextRoots: [commitmentOf(ciphersuite.scheme, publicKey)] };
  const both = await roots.export(AT + 20, wanted);
  const next = await roots.export(AT + 30, { retire: [nameOf(committed)] });
  expect(next.bundle.payload.asCredentials.map(nameOf)).toEqual([nameOf(first)]);
  expect([...next.signers].sort()).toEqual([nameOf(first), nameOf(committed)].sort());
  takes(both, next, []);
});

test('one that was kept in reserve signs what changes the roots, and only that', async () => {
  const roots = new Roots();
  const first = await roots.root(AT);
  const reserve = await roots.root(AT + 10);
  const { ciphersuite, publicKey } = reserve.payload;
  const kept = { retire: [nameOf(reserve)] };
  await roots.export(AT + 20, { ...kept, nextRoots: [commitmentOf(ciphersuite.scheme, publicKey)] });
  const same = await roots.export(AT + 30, kept);
  expect(same.signers).toEqual([nameOf(first)]);
  const third = await roots.root(AT + 40);
  const changed = await roots.export(AT + 50, kept);
  expect([...changed.signers].sort()).toEqual([nameOf(first), nameOf(reserve), nameOf(third)].sort());
  takes(same, changed, [reserve]);
});

test('what a series would mean for those who hold one that another overtook is asked, until that is withdrawn', async () => {
  const roots = new Roots();
  const series = async (day: number, count: number): Promise<readonly ExportedBundle[]> => {
    const context = await roots.bench.context({ atSeconds: AT + day * DAY, seed: `series ${String(day)}` });
    return exportSeries(context, {}, count);
  };
  const old = await roots.root(AT, AT + 300 * DAY - 1);
  const [, ...overtaken] = await series(0, 3);
  await roots.root(AT + 10 * DAY);
  expect((await roots.export(AT + 10 * DAY, {})).signers).toContain(nameOf(old));
  const error = await roots.bench.refusal(() => series(100, 3));
  expect(error.code).toBe('clients-would-refuse');
  expect(error.hint).toContain(
    'If bundles/bundle-000002.cose, bundles/bundle-000003.cose never went out and never will, put that on record first',
  );
  for (const { bundle } of overtaken)
    await markBundle(await roots.bench.context({ atSeconds: AT + 100 * DAY }), bundle.encoded, 'withdrawn');
  expect(await series(100, 3)).toHaveLength(3);
});
