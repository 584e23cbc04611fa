/** What a courier brings is judged by what this site holds and its people know, and by nothing that came with it. */
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { encodeBundleMark, encodeReserve, encodeRevocation } from '../../../src/authority/formats/small-files.js';
import { decodeBundle } from '../../../src/bundle/bundle.js';
import { toHex } from '../../../src/common/bytes.js';
import { fingerprintOf } from '../../../src/credential/fingerprint-of.js';
import { hash } from '../../../src/crypto/hash.js';
import { payloadOf } from '../../../src/verify/bundle-trust.js';
import { cli, type Ended } from '../../support/cli/cli.js';
import { authorityWith, mustSucceed, newAuthority, readTree, type Scene } from '../../support/cli/cli-authority.js';
import { expectRefusal } from '../../support/cli/cli-errors.js';
import { Terminal } from '../../support/cli/cli-terminal.js';
import { bundleAfter, headOf, plant, rootIn, siteWith, strangerLike, thiefOf } from '../../support/cli/courier.js';
import { makeSshKey, sshTest, writeAllowedSigners } from '../../support/keys/ssh-keys.js';

const FIRST = 'bundles/bundle-000001.cose';
const SECOND = 'bundles/bundle-000002.cose';
const read = (dir: string, file: string): Uint8Array => new Uint8Array(readFileSync(join(dir, file)));
const now = Math.floor(Date.now() / 1000);

interface Sites {
  readonly scene: Scene;
  /** Ours. */
  readonly a: string;
  /** The copy that is carried to us. */
  readonly b: string;
}

function sites(scene = authorityWith('bundle')): Sites {
  return { scene, a: siteWith(scene, 'a', ['root-1.age']), b: siteWith(scene, 'b', ['root-1.age', 'root-2.age']) };
}

const at = (scene: Scene, dir: string, ...args: string[]): Ended =>
  cli(['-C', dir, ...args, '--yes', '--passphrase-file', scene.passphraseFile], { cwd: scene.folder });
/** With the head of whatever is carried: as if it stood on paper. */
const receive = ({ a, b, scene }: Sites, ...more: string[]): Ended =>
  at(scene, a, 'ledger', 'receive', b, '--their-head', headOf(b), ...more);

/** Refused, and nothing at our site is another than before. */
function refusedAt(site: Sites, refusal: Parameters<typeof expectRefusal>[1], ...more: string[]): void {
  const before = readTree(site.a);
  const ended = receive(site, ...more);
  expectRefusal(ended, refusal);
  expect(readTree(site.a)).toEqual(before);
}

/** Types the words, and sees that a yes is none. */
async function typed({ a, b, scene }: Sites, words: string, sees: readonly string[], ...more: string[]): Promise<void> {
  const args = ['-C', a, 'ledger', 'receive', b, '--their-head', headOf(b), '--yes', ...more];
  for (const [answer, status] of [
    ['yes', 1],
    [words, 0],
  ] as const) {
    const terminal = new Terminal(args, { cwd: scene.folder, columns: 300 });
    for (const one of sees) await terminal.see(one);
    await terminal.answer(`type: ${words})`, answer);
    expect(await terminal.end()).toBe(status);
  }
}

describe('somebody without any key of ours wrote into the copy', () => {
  test('a root of their own, and a bundle 2 by it that revokes ours: not without --trust, and not with it', async () => {
    const site = sites();
    const { a, b } = site;
    const ours = rootIn(a);
    const stranger = strangerLike(ours);
    const fingerprint = toHex(fingerprintOf(stranger.root));
    await plant(b, { 'credentials/root-2.pem': stranger.pem });
    refusedAt(site, { status: 1, code: 'untrusted', says: fingerprint, hint: '--trust' });
    const forged = await bundleAfter(
      read(a, FIRST),
      {
        asCredentials: [stranger.root],
        asIntermediateCredentials: [],
        revokedCerts: [{ fingerprint: fingerprintOf(ours), revokedAt: 1, reason: 'key-compromise' }],
      },
      [stranger],
    );
    await plant(b, { [SECOND]: forged });
    refusedAt(site, { status: 1, code: 'untrusted', says: fingerprint });
    const differ = { status: 1, code: 'sites-differ', says: 'trusted signatures are needed' } as const;
    refusedAt(site, differ, '--trust', fingerprint);
    refusedAt(site, { status: 2, code: 'usage', says: 'is in the copy' }, '--trust', join(b, 'credentials/root-2.pem'));
    refusedAt(site, { status: 1, code: 'bad-fingerprint' }, '--trust', fingerprint.slice(0, 16));
  });

  test('a root listed by a bundle alone, without a file', async () => {
    const site = sites();
    const stranger = strangerLike(rootIn(site.a));
    await plant(site.b, {
      [SECOND]: await bundleAfter(
        read(site.a, FIRST),
        { asCredentials: [stranger.root], asIntermediateCredentials: [] },
        [stranger],
      ),
    });
    refusedAt(site, { status: 1, code: 'sites-differ' });
  });

  test('marks: of withdrawal, of publication, of reserve', async () => {
    const site = sites();
    const { a, b, scene } = site;
    const sha256 = toHex(hash('sha256', read(a, FIRST)));
    const fingerprint = toHex(fingerprintOf(rootIn(a)));
    await plant(b, {
      'bundles/bundle-000001.withdrawn.json': encodeBundleMark({ state: 'withdrawn', atSeconds: now, sha256 }),
      'credentials/root-1.reserve.json': encodeReserve({ fingerprint, atSeconds: now }),
    });
    refusedAt(site, { status: 1, code: 'nothing-new', hint: 'bundle withdraw' });
    mustSucceed(at(scene, b, 'revoke', 'cd'.repeat(32), '--unknown', '--reason', 'superseded'));
    expect(mustSucceed(receive(site)).stdout).toMatch(/Not taken over:\n {2}bundles\/bundle-000001\.withdrawn\.json/);
    const names = readdirSync(join(a, 'bundles')).concat(readdirSync(join(a, 'credentials')));
    expect(names.filter((name) => /withdrawn|published|reserve/.test(name))).toEqual([]);
    // What one site published, and the other withdrew, is passed over by nobody.
    mustSucceed(at(scene, a, 'bundle', 'published', join(a, FIRST)));
    refusedAt(site, { status: 1, code: 'nothing-new', hint: 'as published, and there as withdrawn' });
  });

  test('a revocation of the only root: by name, with the words of revoke, and by no --yes', async () => {
    const site = sites();
    const { a, b, scene } = site;
    const fingerprint = fingerprintOf(rootIn(a));
    const file = `revocations/${toHex(fingerprint)}.json`;
    await plant(b, {
      [file]: encodeRevocation({ fingerprint, revokedAtSeconds: now, reason: 'superseded' }),
    });
    const before = readTree(a);
    // Without the paper it is nobody's word, whatever is typed.
    const unsaid = at(scene, a, 'ledger', 'receive', b);
    expectRefusal(unsaid, { status: 2, code: 'usage', says: 'nobody vouches', hint: '--their-head' });
    const other = at(scene, a, 'ledger', 'receive', b, '--their-head', headOf(a));
    expectRefusal(other, { status: 1, code: 'other-head' });
    expect(other.stderr).not.toContain(headOf(b));
    refusedAt(site, { status: 2, code: 'usage', says: 'nothing usable is left' });
    expect(readTree(a)).toEqual(before);
    const named = `${toHex(fingerprint)} (credentials/root-1.pem), superseded`;
    await typed(site, 'nothing usable is left', [named, 'It is the last usable root']);
    expect(existsSync(join(a, file))).toBe(true);
  });

  test('records of keys, settings and allowed_signers stay ours', () => {
    const site = sites();
    const { a, b, scene } = site;
    writeFileSync(join(a, 'allowed_signers'), '# ours\n');
    const kept = ['authority.yaml', 'allowed_signers', 'keys/root-1.json'];
    const before = kept.map((file) => read(a, file));
    writeFileSync(join(b, 'allowed_signers'), '# theirs\n');
    const settings = join(b, 'authority.yaml');
    writeFileSync(settings, readFileSync(settings, 'utf8').replace('bundle: P120D', 'bundle: P100D'));
    mustSucceed(at(scene, b, 'intermediate', 'request', '--key', 'file:keys/spy.age'));
    mustSucceed(at(scene, b, 'revoke', 'cd'.repeat(32), '--unknown', '--reason', 'superseded'));
    mustSucceed(receive(site));
    expect(kept.map((file) => read(a, file))).toEqual(before);
    expect(readdirSync(join(a, 'keys')).filter((name) => name.includes('spy'))).toEqual([]);
  });
});

describe('the head of what is carried', () => {
  test('is typed from paper', async () => {
    const site = sites();
    const { a, b, scene } = site;
    mustSucceed(at(scene, b, 'revoke', 'cd'.repeat(32), '--unknown', '--reason', 'superseded'));
    for (const [line, status] of [
      ['ab'.repeat(32), 1],
      [headOf(b).replace(/.{4}/g, '$& ').toUpperCase(), 0],
    ] as const) {
      const terminal = new Terminal(['-C', a, 'ledger', 'receive', b, '--yes'], { cwd: scene.folder });
      await terminal.answer('from paper at that site', line);
      expect(await terminal.end()).toBe(status);
    }
    const newest = readdirSync(join(a, 'transcripts')).sort().at(-1) ?? '';
    const record = readFileSync(join(a, 'transcripts', newest), 'utf8');
    expect(record).toContain(`"event":"received","head":"${headOf(b)}","vouched":"typed from paper"`);
  });

  sshTest('or signed by witnesses whom this site knows, and not by those whom the copy names', () => {
    const site = sites();
    const { a, b, scene } = site;
    const key = makeSshKey(scene.folder, 'anna');
    mustSucceed(at(scene, b, 'revoke', 'cd'.repeat(32), '--unknown', '--reason', 'superseded'));
    const newest = join(b, 'transcripts', readdirSync(join(b, 'transcripts')).sort().at(-1) ?? '');
    mustSucceed(cli(['transcript', 'sign', newest, '--as', 'anna', '--key', key.file, '--yes']));
    writeAllowedSigners(join(b, 'allowed_signers'), [['anna', key]]);
    const unknown = at(scene, a, 'ledger', 'receive', b);
    expectRefusal(unknown, { status: 2, code: 'usage', says: 'nobody vouches' });
    writeAllowedSigners(join(a, 'allowed_signers'), [['anna', key]]);
    // A later transcript is not what they signed.
    const later = scene.path('later');
    cpSync(b, later, { recursive: true });
    mustSucceed(at(scene, later, 'revoke', 'ef'.repeat(32), '--unknown', '--reason', 'superseded'));
    expectRefusal(at(scene, a, 'ledger', 'receive', later), { status: 2, code: 'usage', says: 'nobody vouches' });
    expect(mustSucceed(at(scene, a, 'ledger', 'receive', b)).stderr).toMatch(/vouched for +by witnesses.*anna/);
  });
});

describe('bundles from the other site', () => {
  test('a successor with its root: by --trust alone, and then on record', () => {
    const site = sites();
    const { a, b, scene } = site;
    mustSucceed(at(scene, b, 'root', 'rotate'));
    mustSucceed(at(scene, b, 'bundle', 'export'));
    const fingerprint = toHex(fingerprintOf(rootIn(b, 'root-2.pem')));
    refusedAt(site, { status: 1, code: 'untrusted', says: fingerprint });
    mustSucceed(receive(site, '--trust', fingerprint));
    mustSucceed(at(scene, a, 'status'));
    expect(read(a, SECOND)).toEqual(read(b, SECOND));
  });

  test('what one stolen root of two signs: not against a threshold, nor dated back before it', async () => {
    const scene = newAuthority();
    mustSucceed(scene.cli(['root', 'generate', '--twin', 'file:keys/root-2.age', '--twin-listed']));
    mustSucceed(scene.cli(['bundle', 'export']));
    const site = sites(scene);
    const { a, b } = site;
    mustSucceed(
      cli(['-C', b, 'bundle', 'export', '--threshold', '2', '--yes', '--passphrase-file', scene.passphraseFile]),
    );
    await typed(site, 'the threshold changes', [
      'threshold: 2 roots must sign the next bundle; it was 1: clients accept',
    ]);
    // Before bundle 2, one of the two was enough.
    const last = payloadOf(decodeBundle(read(a, SECOND)));
    const thief = await thiefOf(scene, 'root-1');
    for (const issuedAt of [last.issuedAt + 1, last.issuedAt - 1]) {
      const copy = scene.path(`copy${String(issuedAt)}`);
      cpSync(a, copy, { recursive: true });
      const third = await bundleAfter(read(a, SECOND), { threshold: 1, issuedAt }, [thief]);
      await plant(copy, { 'bundles/bundle-000003.cose': third });
      refusedAt({ ...site, b: copy }, { status: 1, code: 'sites-differ', says: '2 trusted signatures are needed' });
    }
  });

  test('commitments that change are shown by name, and wanted in words', async () => {
    const site = sites();
    const { b, scene } = site;
    const commitment = 'cd'.repeat(32);
    mustSucceed(at(scene, b, 'bundle', 'export', '--next-root', commitment));
    await typed(site, 'the commitments change', [`commitment to a next root added: ${commitment}`]);
  });

  test('that clients take only if they pin again: with --repin and --trust, in words', async () => {
    const site = sites();
    const { b, scene } = site;
    mustSucceed(at(scene, b, 'root', 'rotate'));
    mustSucceed(at(scene, b, 'bundle', 'export', '--lost', 'root-1', '--repin'));
    const trust = ['--trust', toHex(fingerprintOf(rootIn(b, 'root-2.pem')))];
    refusedAt(site, { status: 1, code: 'sites-differ', hint: 'Clients that hold what this site holds' }, ...trust);
    await typed(
      site,
      'a root of ours ends, and clients pin again',
      ['they must pin its roots again'],
      ...trust,
      '--repin',
    );
  });

  test('of a series, and one above it in an emergency; withdrawn there, it is judged all the same', () => {
    const site = sites();
    const { a, b, scene } = site;
    mustSucceed(at(scene, b, 'bundle', 'export', '--series', '3'));
    mustSucceed(at(scene, b, 'revoke', 'cd'.repeat(32), '--unknown', '--reason', 'superseded'));
    mustSucceed(at(scene, b, 'bundle', 'export'));
    for (const n of [3, 4])
      mustSucceed(at(scene, b, 'bundle', 'withdraw', join(b, `bundles/bundle-00000${String(n)}.cose`)));
    expect(mustSucceed(receive(site)).stdout).toContain('bundle-000003.withdrawn.json');
    expect(readdirSync(join(a, 'bundles'))).toEqual([1, 2, 3, 4, 5].map((n) => `bundle-00000${String(n)}.cose`));
  });

  test('an older one is accepted if the one after it names its hash', async () => {
    const scene = authorityWith('bundle');
    mustSucceed(scene.cli(['bundle', 'export', '--out', '2.cose']));
    const pin = toHex(fingerprintOf(rootIn(scene.dir)));
    const rebuilt = (name: string): string => {
      const args = [
        'init',
        'example.org',
        scene.path(name),
        '--from-bundle',
        '2.cose',
        '--trust',
        pin,
        '--sequence-floor',
        '2',
        '--yes',
      ];
      mustSucceed(cli(args, { cwd: scene.folder }));
      return scene.path(name);
    };
    const a = rebuilt('a');
    const stranger = strangerLike(rootIn(a));
    const b = rebuilt('b');
    const forged = await bundleAfter(read(a, SECOND), { sequence: 1, previous: null }, [stranger]);
    await plant(b, { [FIRST]: forged });
    refusedAt({ scene, a, b }, { status: 1, code: 'sites-differ', says: 'none here follows from it' });
    mustSucceed(receive({ scene, a, b: scene.dir }));
    expect(read(a, FIRST)).toEqual(read(scene.dir, FIRST));
  });
});
