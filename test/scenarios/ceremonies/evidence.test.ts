/**
 * The list that an auditor asks for: each row evidenced where a real run shows it, and NOT EVIDENCED where it does not.
 */
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { ROWS } from '../../../src/audit/evidence/list.js';
import type { JsonObject, JsonValue } from '../../../src/codec/strict-json.js';
import {
  approve,
  type CeremonyScene,
  ceremonyScene,
  makePlan,
  PEOPLE,
  runWithPeople,
  signTranscript,
  unsign,
} from '../../support/cli/ceremonies.js';
import { cli, oneDocument, run } from '../../support/cli/cli.js';
import { authorityWith, mustSucceed, newFolder, type Scene } from '../../support/cli/cli-authority.js';
import { expectJsonRefusal, expectRefusal } from '../../support/cli/cli-errors.js';
import { kidOf, now } from '../../support/cli/planted.js';
import { addCeremony, named, newestTranscript } from '../../support/cli/transcripts.js';
import { evil as evilEvents, filled } from '../../support/events.js';
import { hasSoftHsm, keyUri, newStore } from '../../support/keys/softhsm.js';
import { makeSshKey, signByHand, type SshKey, sshTest, writeAllowedSigners } from '../../support/keys/ssh-keys.js';
import { browserTests, expectFits, expectStandsAlone, VIEWS } from '../../support/machine/pages.js';
import { hasTool, testWhere } from '../../support/machine/tools.js';

interface RowJson {
  readonly id: string;
  readonly evidenced: boolean;
  readonly lines: readonly number[];
  readonly shows: readonly { readonly what: string; readonly lines: readonly number[] }[];
  readonly lacks: readonly string[];
}

interface Evidence {
  readonly rows: ReadonlyMap<string, RowJson>;
  readonly keys: readonly JsonObject[];
}

/** Ids of rows that some transcript showed, and that some transcript did not show. */
const [seenEvidenced, seenNot] = [new Set<string>(), new Set<string>()];

function evidenceOf(transcript: string): Evidence {
  const json = oneDocument(mustSucceed(cli(['transcript', 'evidence', transcript, '--json'])));
  const rows = json.rows as readonly RowJson[];
  expect(rows.map(({ id }) => id)).toEqual(ROWS.map(({ id }) => id));
  const lines = readFileSync(transcript, 'utf8').trimEnd().split('\n').length;
  for (const row of rows) {
    (row.evidenced ? seenEvidenced : seenNot).add(row.id);
    // Whatever counts names lines that are there.
    if (row.evidenced) expect(row.lines.length).toBeGreaterThan(0);
    else expect(row.lacks.length).toBeGreaterThan(0);
    for (const line of row.lines) expect(line >= 1 && line <= lines).toBe(true);
  }
  return { rows: new Map(rows.map((row) => [row.id, row])), keys: json.keys as readonly JsonObject[] };
}

const states = ({ rows }: Evidence, ...ids: readonly string[]): Record<string, boolean | undefined> =>
  Object.fromEntries(ids.map((id) => [id, rows.get(id)?.evidenced]));
const all = (state: boolean, ...ids: readonly string[]): Record<string, boolean> =>
  Object.fromEntries(ids.map((id) => [id, state]));
const lack = ({ rows }: Evidence, id: string): string => rows.get(id)?.lacks.join('\n') ?? '';

const PEOPLE_ROWS = ['roles', 'multi-person', 'responsible-signature', 'independent-witness', 'all-signed'];
const there = hasTool('script') && hasTool('ssh-keygen');
const peopleTest = (name: string, action: () => void | Promise<void>): void =>
  testWhere(there, 'script and ssh-keygen', name, action, 120_000);

describe('a ceremony with people, approvals and signatures', () => {
  let scene: CeremonyScene;
  beforeAll(async () => {
    if (!there) return;
    scene = ceremonyScene();
    makePlan(scene);
    approve(scene, 'adam@example.org');
    approve(scene, 'wanda@example.org');
    await runWithPeople(scene);
    signTranscript(scene, ...PEOPLE.map(([, , principal]) => principal));
  }, 120_000);

  const SHOWN = [
    ...PEOPLE_ROWS,
    ...['script-before', 'plan-approved', 'script-followed', 'deviations', 'record', 'date', 'program'],
    ...['key-inventory', 'key-use', 'fingerprint-compared', 'backup', 'sealed'],
  ];

  peopleTest('shows all of it but a device, and names the lines', () => {
    const found = evidenceOf(scene.transcript);
    expect(states(found, ...SHOWN, 'device', 'key-in-device')).toEqual({
      ...all(true, ...SHOWN),
      ...all(false, 'device', 'key-in-device'),
    });
    const lines = readFileSync(scene.transcript, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as JsonObject);
    const at = (id: string): unknown[] => (found.rows.get(id)?.lines ?? []).map((line) => lines[line - 1]?.event);
    expect(at('fingerprint-compared')).toEqual(['compare']);
    expect(at('sealed')).toEqual(['seal']);
    expect(at('backup')).toEqual(['media', 'media']);
    expect(at('key-use')).toEqual(['sign', 'sign']);
    expect(at('date')).toEqual(['check']);
    expect(found.keys).toMatchObject([{ key: 'file:keys/root-1.age', use: 'root', ciphersuite: 'ed25519-sha256' }]);
    const record = JSON.parse(readFileSync(join(scene.dir, 'keys/root-1.json'), 'utf8')) as { public_key: string };
    const { stdout } = run(['sh', '-c', `printf %s '${record.public_key}' | xxd -r -p | sha256sum`]);
    if (hasTool('xxd')) expect(found.keys[0]?.public_key_sha256).toBe(stdout.split(' ')[0]);
    expect(lack(found, 'device')).toMatch(/is in no device: it is a file under a passphrase/);
  });

  peopleTest('each thing that is removed removes its rows, and no others', () => {
    const without = (away: () => void, back: () => void): string[] => {
      away();
      try {
        const { rows } = evidenceOf(scene.transcript);
        return SHOWN.filter((id) => rows.get(id)?.evidenced !== true);
      } finally {
        back();
      }
    };
    const unsigned = (principal: string): string[] =>
      without(
        () => unsign(scene, principal),
        () => renameSync(scene.path(`${principal}.away`), `${scene.transcript}.${principal}.sig`),
      );
    const moved = (file: string): string[] =>
      without(
        () => renameSync(file, scene.path('moved')),
        () => renameSync(scene.path('moved'), file),
      );
    expect(unsigned('wanda@example.org')).toEqual(['independent-witness', 'all-signed']);
    expect(unsigned('adam@example.org')).toEqual(['responsible-signature', 'all-signed']);
    expect(unsigned('olga@example.org')).toEqual(['all-signed']);
    expect(
      without(
        () => ['adam', 'wanda'].forEach((name) => unsign(scene, `${name}@example.org`)),
        () =>
          ['adam', 'wanda'].forEach((name) =>
            renameSync(scene.path(`${name}@example.org.away`), `${scene.transcript}.${name}@example.org.sig`),
          ),
      ),
    ).toEqual(['multi-person', 'responsible-signature', 'independent-witness', 'all-signed']);
    expect(moved(join(scene.dir, 'allowed_signers'))).toEqual([...PEOPLE_ROWS.slice(1), 'plan-approved', 'record']);
    expect(moved(`${scene.transcript}.plan.json`)).toEqual([
      'roles',
      'script-before',
      'plan-approved',
      'script-followed',
      'deviations',
      'record',
    ]);
    expect(() => moved(join(scene.dir, 'keys/root-1.json'))).toThrow(/files-changed/);
  });

  peopleTest('an approval that the ceremony did not find is none, whoever signed since', () => {
    const plan = `${scene.transcript}.plan.json`;
    const files = readdirSync(join(scene.dir, 'transcripts')).filter((name) => /\.plan\.json\..*\.sig$/.test(name));
    expect(files).toHaveLength(2);
    const moved = files.map((name) => [join(scene.dir, 'transcripts', name), scene.path(name)] as const);
    for (const [from, to] of moved) renameSync(from, to);
    approve({ ...scene, plan }, 'olga@example.org');
    try {
      const found = evidenceOf(scene.transcript);
      expect([lack(found, 'plan-approved'), found.rows.get('plan-approved')?.evidenced]).toEqual([
        expect.stringMatching(/found no approval of olga@example\.org .* may have been made since/),
        false,
      ]);
    } finally {
      for (const [from, to] of moved) renameSync(to, from);
      rmSync(`${plan}.olga@example.org.sig`);
    }
  });

  const inBrowser = browserTests();
  peopleTest('is a page with the same rows, made once and never overwritten', () => {
    const page = scene.path('evidence.html');
    mustSucceed(cli(['transcript', 'evidence', scene.transcript, '--out', page]));
    const text = readFileSync(page, 'utf8');
    expectStandsAlone(text);
    const { rows } = evidenceOf(scene.transcript);
    const articles = text.split('<article class="step" id="row-').slice(1);
    expect(articles.map((one) => [one.split('"')[0], !one.includes('NOT EVIDENCED')])).toEqual(
      [...rows.values()].map(({ id, evidenced }) => [id, evidenced]),
    );
    for (const edition of ['ETSI EN 319 411-1 V1.5.1 (2025-04)', 'version 1.6.5', 'version 2.2.1'])
      expect(text).toContain(edition);
    expectRefusal(cli(['transcript', 'evidence', scene.transcript, '--out', page]), { status: 3, code: 'file-exists' });
    expectRefusal(cli(['transcript', 'evidence', scene.transcript, '--out', join(scene.dir, 'x.html')]), {
      status: 2,
      code: 'usage',
    });
  });
  for (const view of VIEWS)
    inBrowser(
      `${JSON.stringify(view)}: the page fits`,
      (browser) => expectFits(browser, scene.path('evidence.html'), view),
      'script',
      'ssh-keygen',
    );

  peopleTest('as text, it says each row, its clauses and its lines', () => {
    const { stdout } = mustSucceed(cli(['transcript', 'evidence', scene.transcript]));
    expect(stdout).toMatch(/evidenced {2}multi-person\n/);
    expect(stdout).toMatch(/NOT EVIDENCED {2}device\n/);
    expect(stdout).toContain(
      'ETSI EN 319 411-1 GEN-6.5.1-04, GEN-6.4.3-02; CA/B BR 6.1.1.1 all 2; WebTrust for CAs 4.1',
    );
    expect(stdout).toMatch(/copied to the stick .*, and read again: no difference/);
  });
});

describe('a ceremony with a No and a deviation', () => {
  peopleTest('a deviation is named, accepted or not, and the script was not followed', async () => {
    const scene = ceremonyScene();
    makePlan(scene);
    await runWithPeople(scene, true);
    const found = evidenceOf(scene.transcript);
    expect(states(found, 'deviations', 'script-followed', 'plan-approved')).toEqual({
      deviations: true,
      'script-followed': false,
      'plan-approved': false,
    });
    expect(found.rows.get('deviations')?.shows[0]?.what).toBe(
      'step 4: Nobody <b>counts</b> & all agree (because: the answer is No); accepted by Wanda Witt',
    );
    expect(lack(found, 'script-followed')).toContain('step 4 (room): deviation');
    expect(lack(found, 'plan-approved')).toBe('nobody approved the plan');
  });
});

/** A root in a device, by roles who are not there. */
const HSM_SCRIPT = `version: 1
title: A root in a device
purpose: What machines do.
roles: { administrator: { people: 1 }, operator: { people: 1 }, witness: { people: 1 } }
parameters:
  key: { type: key, says: where the root key is made }
needs: { roots: none }
steps:
  - { id: welcome, say: 'Everybody reads the paper.', by: administrator, no: [hold] }
  - { id: machine, check: [preflight, authority], by: operator, no: [retry, abort] }
  - { id: root, run: root generate, with: { key: '\${key}' }, by: operator, no: [retry, hold] }
  - { id: signatures, collect: [administrator, operator, witness], by: administrator, no: [retry] }
`;

describe('without people', () => {
  const canIsolate = process.getuid?.() === 0 && hasTool('unshare') && run(['unshare', '--net', 'true']).status === 0;
  testWhere(
    hasSoftHsm && canIsolate,
    'softhsm2, or the right to take the network away',
    'what machines do is shown, and nothing that people do',
    () => {
      const scene = ceremonyScene();
      const store = newStore();
      const people = PEOPLE.flatMap(([role, name, principal]) => ['--person', `${role}=${name} <${principal}>`]);
      writeFileSync(scene.path('hsm.yaml'), HSM_SCRIPT);
      const key = keyUri('root-1');
      mustSucceed(
        scene.cli(['run', scene.path('hsm.yaml'), '--set', `key=${key}`, ...people, '--pin-file', store.pinFile], {
          env: store.env,
          under: ['unshare', '--net'],
        }),
      );
      const found = evidenceOf(scene.transcript);
      const shown = ['script-before', 'isolated', 'key-inventory', 'device', 'key-in-device', 'key-use'];
      const not = [
        'plan-approved',
        'script-followed',
        'deviations',
        'record',
        'date',
        'program',
        'fingerprint-compared',
        'backup',
        'sealed',
      ];
      expect(states(found, ...PEOPLE_ROWS, ...shown, ...not)).toEqual({
        ...all(true, ...shown),
        ...all(false, ...PEOPLE_ROWS, ...not),
      });
      expect(lack(found, 'roles')).toMatch(/nobody answered in line \d+.*\nstep 1 needed a person, and none was there/);
      expect(lack(found, 'multi-person')).toMatch(/nobody agreed to what was signed or changed \(line \d+\)/);
      expect(lack(found, 'backup')).toContain('a copy of files does not hold the key pkcs11:');
      expect(found.rows.get('device')?.shows[0]?.what).toMatch(
        /manufacturer SoftHSM.*serial [0-9a-f]+.*made by CKM_EC_EDWARDS_KEY_PAIR_GEN/,
      );
      expect(found.rows.get('key-in-device')?.shows[0]?.what).toContain('NEVER_EXTRACTABLE true');
      // Signatures afterwards do not make people of those who were not there.
      signTranscript(scene, ...PEOPLE.map(([, , principal]) => principal));
      expect(states(evidenceOf(scene.transcript), 'roles', 'multi-person')).toEqual(
        all(false, 'roles', 'multi-person'),
      );
    },
  );

  test('a single command shows what it signed, and little else', () => {
    const scene = authorityWith('root');
    const found = evidenceOf(newestTranscript(scene));
    const shown = ['key-inventory', 'key-use'];
    const not = ROWS.map(({ id }) => id).filter((id) => !shown.includes(id));
    expect(states(found, ...shown, ...not)).toEqual({ ...all(true, ...shown), ...all(false, ...not) });
    expect(lack(found, 'isolated')).toContain('the check network-interfaces did not run');
  });

  test('in a rehearsal nothing is evidenced, whatever it shows', () => {
    const scene = authorityWith('root');
    mustSucceed(scene.cli(['rehearse', 'root-generation', '--into', scene.path('practice')]));
    const transcript = newestTranscript({ ...scene, dir: scene.path('practice') });
    for (const row of evidenceOf(transcript).rows.values()) {
      expect(row.evidenced).toBe(false);
      expect(row.lacks[0]).toMatch(/rehearsal/);
    }
    const page = scene.path('rehearsal.html');
    mustSucceed(cli(['transcript', 'evidence', transcript, '--out', page]));
    expect(readFileSync(page, 'utf8')).toContain('<p class="mark" role="note">REHEARSAL');
    expect(mustSucceed(cli(['transcript', 'evidence', transcript])).stdout).toMatch(/^REHEARSAL/);
  });
});

describe('one person under several names', () => {
  const BY = { administrator: 'Adam Alt', operator: 'Olga Orlow', witness: 'Wanda Witt' } as const;

  /** People who agree, each in a role, and sign under these principals; and what the minutes say of them. */
  function signedBy(principals: readonly string[], toSign: readonly string[], keys: Readonly<Record<string, SshKey>>) {
    const scene = authorityWith('root');
    writeAllowedSigners(join(scene.dir, 'allowed_signers'), Object.entries(keys));
    const people = Object.entries(BY).map(([role, name], i) => ({ role, name, principal: principals[i] ?? '' }));
    const agreed = people.map(({ role, name }) => ['agree', { answer: 'yes', by: `${role} (${name})` }] as const);
    const events = [['people', { people }] as const, ...agreed];
    const transcript = addCeremony(scene, { events, toSign, atSeconds: now() });
    for (const principal of toSign) {
      const key = keys[principal];
      if (key === undefined) throw new Error(`no key of ${principal}`);
      writeFileSync(`${transcript}.${principal}.sig`, signByHand(key, 'as-ceremony', readFileSync(transcript)));
    }
    const page = scene.path('minutes.html');
    mustSucceed(cli(['transcript', 'minutes', transcript, '--out', page]));
    return { found: evidenceOf(transcript), minutes: readFileSync(page, 'utf8').replace(/<[^>]*>/g, ' ') };
  }

  sshTest('signs for nobody else', () => {
    const olga = makeSshKey(newFolder(), 'olga');
    const { found, minutes } = signedBy(['olga', 'olga', 'olga'], ['olga'], { olga });
    expect(states(found, ...PEOPLE_ROWS)).toEqual(all(false, ...PEOPLE_ROWS));
    for (const id of PEOPLE_ROWS) expect(lack(found, id)).toMatch(/Adam Alt and .*sign as one person/);
    expect(minutes).toMatch(/does not count: it is also that of Olga Orlow and Wanda Witt/);
    expect(minutes).toMatch('Adam Alt and Olga Orlow and Wanda Witt sign as one person');
  });

  sshTest('is no second witness by a name that stands first', () => {
    const folder = newFolder();
    const olga = makeSshKey(folder, 'olga');
    const keys = { adam: makeSshKey(folder, 'adam'), olga, mallory: olga };
    const { found, minutes } = signedBy(['adam', 'olga', 'mallory'], ['mallory', 'olga', 'adam'], keys);
    const not = ['multi-person', 'independent-witness', 'all-signed'];
    expect(states(found, ...not, 'responsible-signature')).toEqual({
      ...all(false, ...not),
      'responsible-signature': true,
    });
    expect(lack(found, 'all-signed')).toMatch(/olga \(valid: it is by the same key as that of mallory\)/);
    expect(minutes).toMatch(/valid, and does not count: it is by the same key as that of mallory/);
  });
});

describe('an event that merely exists is no evidence', () => {
  /** Stands for the fingerprint of the root. */
  const ROOT_MADE = 'the root';
  /** What root generate recorded, with other events around it. */
  function crafted(...events: readonly (readonly [string, JsonObject])[]): Evidence {
    const scene: Scene = authorityWith('root');
    const own = readFileSync(newestTranscript(scene), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as JsonObject);
    const { what, public_key_sha256, signed_sha256 } = own.find(({ event }) => event === 'sign') ?? {};
    const sign = { what, public_key_sha256, signed_sha256 } as JsonObject;
    const kid = kidOf(scene);
    const whole = events.map(([event, given]) => {
      const fields = given.value === ROOT_MADE ? { ...given, value: kid } : given;
      const hsm = fields.hsm as JsonObject | undefined;
      const usual = (filled('key', { what: 'generated' }).hsm ?? {}) as JsonObject;
      const attributes = { ...(usual.attributes as JsonObject), ...(hsm?.attributes as JsonObject | undefined) };
      const read = { ...usual, ...hsm, attributes, public_key_sha256: public_key_sha256 ?? '' };
      return [event, hsm === undefined ? fields : { ...fields, hsm: read }] as const;
    });
    return evidenceOf(
      addCeremony(scene, {
        events: [
          ...whole.filter(([event]) => event === 'key'),
          ['sign', sign],
          ['files', { files: ['credentials/root-1.pem', 'keys/root-1.json'].map((path) => named(scene, path)) }],
          ...whole.filter(([event]) => event !== 'key'),
        ],
      }),
    );
  }

  const GOOD = {
    local: true,
    always_sensitive: true,
    never_extractable: true,
    sensitive: true,
    extractable: false,
    key_gen_mechanism: 'CKM_EC_EDWARDS_KEY_PAIR_GEN',
  };
  const hsm = (attributes: JsonObject, more: JsonObject = {}): JsonObject => ({
    what: 'generated',
    key: 'pkcs11:x',
    hsm: { manufacturer: 'M', model: 'X', serial: '1', ...more, attributes },
  });

  test('a device that says everything, against one that does not', () => {
    const both = ['device', 'key-in-device'];
    expect(states(crafted(['key', hsm(GOOD)]), ...both)).toEqual(all(true, ...both));
    for (const name of ['local', 'always_sensitive', 'never_extractable', 'sensitive', 'extractable'] as const)
      for (const value of [!GOOD[name], null]) {
        const found = crafted(['key', hsm({ ...GOOD, [name]: value })]);
        expect(found.rows.get('key-in-device')?.evidenced).toBe(false);
        expect(lack(found, 'key-in-device')).toContain(
          `${name.toUpperCase()} is ${value === null ? 'unknown' : String(value)}`,
        );
      }
    expect(lack(crafted(['key', hsm(GOOD, { serial: ' ' })]), 'device')).toContain(
      'the device does not say its serial',
    );
    expect(lack(crafted(['key', hsm({ ...GOOD, key_gen_mechanism: null })]), 'device')).toContain('by which mechanism');
  }, 120_000);

  test('a comparison that was not equal, or that nobody made; a copy that differs; a seal that is another', () => {
    const by = 'operator (Olga)';
    const media = (action: string, more: JsonObject = {}) =>
      ['media', { step: 1, action, medium: 'm', path: '/m', in_memory: false, ...more }] as const;
    const reread = (differing: JsonValue) => media('re-read', { differing, uncached: true });
    const value = 'ab'.repeat(32);
    expect(
      states(
        crafted(
          ['compare', { step: 1, equal: true, by: 'nobody', groups: [1], source: 's', value }],
          ['compare', { step: 1, equal: false, by, groups: [1], source: 's', value }],
          media('copy'),
          reread(['keys/root-1.age']),
          ['seal', { step: 1, action: 'close', what: 'x', bag: '1', seal: '2', by }],
          ['seal', { step: 1, action: 'open', what: 'x', bag: '1', seal: '3', as_sealed: false, by }],
        ),
        'fingerprint-compared',
        'backup',
        'sealed',
      ),
    ).toEqual(all(false, 'fingerprint-compared', 'backup', 'sealed'));
    const others = crafted(['compare', { step: 1, equal: true, by, groups: [1], source: 's', value }]);
    expect(lack(others, 'fingerprint-compared')).toBe('no credential at hand has the fingerprint that was compared');
    const good = crafted(
      ['compare', { step: 1, equal: true, by, groups: [1], source: 's', value: ROOT_MADE }],
      media('copy'),
      media('re-read', { differing: [], uncached: true, same_disk: true }),
      ['seal', { step: 1, action: 'close', what: 'x', bag: '1', seal: '2', by }],
      ['seal', { step: 1, action: 'open', what: 'x', bag: '1', seal: '2', as_sealed: true, by }],
    );
    expect(states(good, 'fingerprint-compared', 'backup', 'sealed')).toEqual(
      all(true, 'fingerprint-compared', 'backup', 'sealed'),
    );
    expect(good.rows.get('backup')?.shows[0]?.what).toContain('(/m, on the disk of the authority)');
    expect(crafted(reread([]), media('copy')).rows.get('backup')?.evidenced).toBe(false);
    expect(() => crafted(media('copy'), reread('none'))).toThrow(/line \d: it is not a valid media event/);
  });

  test('a deviation that a stranger accepted, and checks that warned, count for nothing', () => {
    const check = (id: string, verdict: string) => ['check', { step: 1, id, verdict, saw: 'x' }] as const;
    const found = crafted(
      ['people', { people: [{ name: 'Anna', role: 'operator' }] }],
      ['script', { name: 's', title: 't', sha256: 'a'.repeat(64) }],
      ['deviation', { step: 1, what: 'w', accepted_by: 'Mallory' }],
      ...['clock-typed', 'program-files', 'network-interfaces', 'network-routes', 'radios'].map((id) =>
        check(id, 'ok'),
      ),
      ...['clock-typed', 'program-files', 'network-routes'].map((id) => check(id, 'warn')),
    );
    expect(lack(found, 'deviations')).toContain('Mallory, who accepted a deviation, is not named among the people');
    expect(states(found, 'date', 'program', 'isolated')).toEqual(all(false, 'date', 'program', 'isolated'));
  });

  test('a signature on record that no file bears', () => {
    const found = crafted(['sign', { what: 'AsCredential', signed_sha256: 'b'.repeat(64) }]);
    expect(found.rows.get('key-use')?.evidenced).toBe(false);
    expect(lack(found, 'key-use')).toMatch(/no file that could be checked has a signature over those bytes/);
  });

  test('whatever a transcript says is text on the page', () => {
    const scene = authorityWith('root');
    const evil = '</li><script>alert(1)</script>';
    const events = evilEvents(evil).filter(([event]) => !['start', 'end', 'files'].includes(event));
    const transcript = addCeremony(scene, { events });
    const page = scene.path('evil.html');
    mustSucceed(cli(['transcript', 'evidence', transcript, '--out', page]));
    expectStandsAlone(readFileSync(page, 'utf8'));
    expect(readFileSync(page, 'utf8')).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });

  test('of what does not hold there is no list', () => {
    const scene = authorityWith('bundle');
    const transcript = newestTranscript(scene);
    writeFileSync(join(scene.dir, 'bundles/bundle-000001.cose'), 'another');
    expectJsonRefusal(scene.json(['transcript', 'evidence', transcript, '--out', scene.path('none.html')]), {
      status: 1,
      code: 'files-changed',
    });
    expect(existsSync(scene.path('none.html'))).toBe(false);
  });
});

testWhere(
  there && hasSoftHsm,
  'script, ssh-keygen and softhsm2',
  'each row was seen evidenced, and NOT EVIDENCED',
  () => {
    const ids = ROWS.map(({ id }) => id).sort();
    expect([...seenEvidenced].sort()).toEqual(ids);
    expect([...seenNot].sort()).toEqual(ids);
  },
);
