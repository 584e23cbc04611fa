/**
 * A bundle of the authority's own, planted as one that somebody else signed; and a theft that a planted line calls the
 * authority's own.
 */
import { createHash } from 'node:crypto';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { openAuthority } from '../../../src/authority/authority.js';
import { decodeBundle, encodeBundle, sigStructure } from '../../../src/bundle/bundle.js';
import type { JsonObject } from '../../../src/codec/strict-json.js';
import { toHex } from '../../../src/common/bytes.js';
import { usedKeysOf } from '../../../src/operations/context/operation-context.js';
import { payloadOf } from '../../../src/verify/bundle-trust.js';
import { cli, cliJson } from '../../support/cli/cli.js';
import { authorityWith, mustSucceed, newAuthority, type Scene } from '../../support/cli/cli-authority.js';
import { expectRefusal } from '../../support/cli/cli-errors.js';
import { expectFound, files, kidOf, now, plant } from '../../support/cli/planted.js';
import { stealBundle } from '../../support/cli/thief.js';
import { named } from '../../support/cli/transcripts.js';

const FIRST = 'bundles/bundle-000001.cose';
const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const bytesOf = (scene: Scene, path: string): Uint8Array => new Uint8Array(readFileSync(join(scene.dir, path)));

/** What `bundle forged` would have written of it. The transcript. */
function forged(scene: Scene, bytes: Uint8Array, command = 'bundle forged', atSeconds = now()): string {
  const sha256 = sha256Of(bytes);
  const path = `bundles/forged-${sha256}.cose`;
  writeFileSync(join(scene.dir, path), bytes);
  const fields: JsonObject = { what: 'a bundle that somebody else signed with a stolen root', bundle_sha256: sha256 };
  const event =
    command === 'ledger receive' ? (['received', { head: sha256 }] as const) : (['forged', fields] as const);
  return plant(scene, command, [event, files(named(scene, path))], atSeconds);
}

/**
 * Signs a prepared bundle in stages, and gives the bundle that others might put together of it; it is not assembled
 * here.
 */
function stagedBundle(scene: Scene): Uint8Array {
  mustSucceed(scene.cli(['bundle', 'prepare', '--out', scene.path('prepared')]));
  mustSucceed(scene.cli(['bundle', 'sign', scene.path('prepared'), '--out', scene.path('signatures')]));
  // Put together and taken away again.
  mustSucceed(scene.cli(['bundle', 'assemble', scene.path('prepared'), scene.path('signatures')]));
  const bytes = bytesOf(scene, 'bundles/bundle-000002.cose');
  rmSync(join(scene.dir, 'bundles/bundle-000002.cose'));
  rmSync(join(scene.dir, 'transcripts/0007-bundle-assemble.jsonl'));
  return bytes;
}

describe('one of our own bundles as somebody else’s', () => {
  const cases: readonly [string, (scene: Scene) => string, RegExp][] = [
    ['byte for byte', (s) => forged(s, bytesOf(s, FIRST)), /is bundles\/bundle-000001\.cose, which nobody else made/],
    [
      'received',
      (s) => forged(s, bytesOf(s, FIRST), 'ledger receive'),
      /is bundles\/bundle-000001\.cose, which nobody else made/,
    ],
    [
      'with other signatures',
      (s) => {
        const { payloadBytes, signatures } = decodeBundle(bytesOf(s, FIRST));
        const changed = signatures.map((one) => ({
          ...one,
          signature: one.signature.map((byte, i) => (i === 9 ? byte ^ 1 : byte)),
        }));
        return forged(s, encodeBundle(payloadBytes, changed));
      },
      /is bundles\/bundle-000001\.cose, which nobody else made/,
    ],
    [
      'withdrawn',
      (s) => {
        mustSucceed(s.cli(['bundle', 'withdraw', join(s.dir, FIRST)]));
        return forged(s, bytesOf(s, FIRST));
      },
      /is bundles\/bundle-000001\.cose, which nobody else made/,
    ],
    [
      'signed in stages and not put together here',
      (s) => forged(s, stagedBundle(s)),
      /was signed here, and nobody else made it: transcripts\/0006-bundle-sign\.jsonl, line \d/,
    ],
  ];
  test.each(cases)('%s', (_name, attack, what) => {
    const scene = authorityWith('bundle');
    expectFound(scene, new RegExp(`${attack(scene)}: bundles/forged-[0-9a-f]{64}\\.cose ${what.source}`));
  });

  test('and one that nobody holds yet', async () => {
    const scene = authorityWith('bundle');
    const later = now() + 9 * 366 * 86_400;
    const change = { issuedAt: later, expiresAt: later + 9, sequence: later };
    const theft = await stealBundle(scene.dir, bytesOf(scene, FIRST), { revokes: [], change: () => change });
    const what = /no client held it when that was written/;
    const planted = forged(scene, theft);
    expectFound(scene, what);
    rmSync(join(scene.dir, planted));
    // Nor does a transcript from that time count, once the clock has been recovered.
    forged(scene, theft, 'bundle forged', later);
    mustSucceed(scene.cli(['clock', 'recover', '--by', 'Anna', '--by', 'Bert']));
    expectFound(scene, what);
  });
});

test('a planted line that calls a theft our own is named when the theft is recorded', async () => {
  const scene = newAuthority();
  mustSucceed(scene.cli(['root', 'generate']));
  mustSucceed(scene.cli(['bundle', 'export']));
  const theft = await stealBundle(scene.dir, bytesOf(scene, FIRST), { revokes: [] });
  writeFileSync(scene.path('thief.cose'), theft);
  const { payloadBytes, payload, signatures } = decodeBundle(theft);
  const [by] = signatures;
  const signed = sha256Of(sigStructure(by?.protectedBytes ?? new Uint8Array(), payloadBytes));
  const sign = { what: 'bundle', sequence: payload.sequence, kid: kidOf(scene), signed_sha256: signed };
  expect(toHex(by?.kid ?? new Uint8Array())).toBe(sign.kid);
  const planted = plant(scene, 'bundle sign', [['sign', sign], ['stage', { prepared_sha256: signed }], files()]);
  expectRefusal(scene.cli(['bundle', 'forged', 'thief.cose']), {
    status: 1,
    code: 'own-bundle',
    says: `as ${planted}, line 2, says`,
    hint: 'somebody planted that transcript: move it elsewhere',
  });
});

test('a key that a theft lists is no new key', async () => {
  const scene = authorityWith('bundle');
  const theft = await stealBundle(scene.dir, bytesOf(scene, FIRST), { revokes: [] });
  forged(scene, theft);
  const keys = usedKeysOf(await openAuthority(scene.dir));
  const [stolen] = payloadOf(decodeBundle(theft)).asIntermediateCredentials;
  expect(keys.filter(({ holder }) => holder.includes('forged-'))).toEqual([
    expect.objectContaining({ publicKey: stolen?.payload.publicKey }),
  ]);
});

test('a bundle of another site that is on record here as somebody else’s is taken over in words', () => {
  const scene = authorityWith('bundle');
  const copy = `${scene.dir}-b`;
  cpSync(scene.dir, copy, { recursive: true });
  mustSucceed(cli(['-C', copy, 'bundle', 'export', '--yes', '--passphrase-file', scene.passphraseFile]));
  const bytes = new Uint8Array(readFileSync(join(copy, 'bundles/bundle-000002.cose')));
  forged(scene, bytes);
  const head = String(cliJson(['-C', copy, 'ledger', 'verify']).json.head);
  const { status, stderr } = scene.cli(['ledger', 'receive', copy, '--their-head', head]);
  expect(status).toBe(2);
  expect(stderr).toMatch(
    /bundle-000002\.cose is bundles\/forged-\w+\.cose, which is on record here as signed by somebody/,
  );
  expect(stderr).toMatch(/type: a bundle that is on record here as somebody else's/);
});
