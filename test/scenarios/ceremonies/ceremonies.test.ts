/**
 * Every ceremony that ships: planned, run without people, and its result looked at as a client would. With people:
 * ceremony-steps.test.ts.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parsePkcs11Uri } from '../../../src/codec/pkcs11-uri.js';
import { utf8 } from '../../../src/common/bytes.js';
import { openKey } from '../../../src/signer/age-file.js';
import { HsmSession } from '../../../src/signer/pkcs11/session.js';
import { cli } from '../../support/cli/cli.js';
import {
  authorityWith,
  mustSucceed,
  newAuthority,
  PASSPHRASE,
  type Scene,
  type Stage,
} from '../../support/cli/cli-authority.js';
import { linesOf, newestTranscript, outcomesOf } from '../../support/cli/transcripts.js';
import {
  keyUri,
  MEANS,
  must,
  newStore,
  PIN,
  privateKeyLabels,
  SOFTHSM,
  softHsmTest,
  TestPins,
} from '../../support/keys/softhsm.js';

interface Shipped {
  readonly script: string;
  /** Undefined for an authority that init has just made. */
  readonly stage: Stage | undefined;
  readonly set?: (scene: Scene) => readonly string[];
  /** What is not done where nobody is there. */
  readonly notDone: readonly string[];
  readonly look: (scene: Scene) => void;
}

const credential = (scene: Scene, name: string): string => join(scene.dir, 'credentials', `${name}.pem`);
const bundle = (scene: Scene, sequence: number): string =>
  join(scene.dir, 'bundles', `bundle-${String(sequence).padStart(6, '0')}.cose`);
const verified = (args: readonly string[]): Readonly<Record<string, unknown>> =>
  JSON.parse(mustSucceed(cli([...args, '--json'])).stdout) as Readonly<Record<string, unknown>>;
const events = (scene: Scene, event: string): readonly Readonly<Record<string, unknown>>[] =>
  linesOf(newestTranscript(scene)).filter((line) => line.event === event);

const SHIPPED: readonly Shipped[] = [
  {
    script: 'root-generation',
    stage: undefined,
    set: (scene) => {
      mkdirSync(scene.path('medium'));
      return [`backup=${scene.path('medium')}`];
    },
    notDone: ['welcome', 'clock', 'fingerprint', 'backup-in', 'backup-out', 'backup-seal'],
    look: (scene) => {
      verified([
        'bundle',
        'verify',
        bundle(scene, 1),
        '--trust',
        credential(scene, 'root-1'),
        '--domain',
        'example.org',
      ]);
      const copy = scene.path('medium/example.org-0002');
      expect(readFileSync(join(copy, 'keys/root-1.age'))).toEqual(readFileSync(join(scene.dir, 'keys/root-1.age')));
    },
  },
  {
    script: 'intermediate-issuance',
    stage: 'root',
    notDone: ['welcome', 'clock', 'fingerprint'],
    look: (scene) => {
      verified(['verify', credential(scene, 'intermediate-1'), '--trust', credential(scene, 'root-1')]);
      verified(['bundle', 'verify', bundle(scene, 1), '--trust', credential(scene, 'root-1')]);
    },
  },
  {
    script: 'intermediate-rotation',
    stage: 'bundle',
    // A successor ends later than what was perhaps made in this very second.
    set: () => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
      return [];
    },
    notDone: ['welcome', 'clock', 'fingerprint', 'publication'],
    look: (scene) => {
      const { as_intermediate_credentials: listed } = verified([
        'bundle',
        'verify',
        bundle(scene, 2),
        '--last',
        bundle(scene, 1),
      ]);
      expect(listed).toHaveLength(2);
      verified(['verify', credential(scene, 'intermediate-2'), '--trust', credential(scene, 'root-1')]);
    },
  },
  {
    script: 'root-rotation',
    stage: 'bundle',
    set: (scene) => {
      mkdirSync(scene.path('medium'));
      return [`backup=${scene.path('medium')}`];
    },
    notDone: ['welcome', 'clock', 'fingerprint', 'break', 'backup-in', 'backup-out', 'backup-seal'],
    look: (scene) => {
      // A client that knows the first root only, and one that pins the second.
      const { as_credentials: listed } = verified(['bundle', 'verify', bundle(scene, 2), '--last', bundle(scene, 1)]);
      expect(listed).toHaveLength(2);
      verified([
        'bundle',
        'verify',
        bundle(scene, 2),
        '--trust',
        credential(scene, 'root-1'),
        '--trust',
        credential(scene, 'root-2'),
        '--threshold',
        '2',
      ]);
    },
  },
  {
    script: 'revocation',
    stage: 'bundle',
    set: () => ['credential=credentials/intermediate-1.pem', 'reason=cessation-of-operation'],
    notDone: ['welcome', 'clock', 'order', 'order-read', 'publication'],
    look: (scene) => {
      const { revoked_certs: revoked, as_intermediate_credentials: listed } = verified([
        'bundle',
        'verify',
        bundle(scene, 2),
        '--last',
        bundle(scene, 1),
      ]);
      expect([revoked, listed].map((list) => (list as readonly unknown[]).length)).toEqual([1, 0]);
      const args = [
        'verify',
        credential(scene, 'intermediate-1'),
        '--bundle',
        bundle(scene, 2),
        '--trust',
        credential(scene, 'root-1'),
      ];
      expect(JSON.parse(cli([...args, '--json']).stdout)).toMatchObject({ ok: false, code: 'revoked' });
    },
  },
  {
    script: 'bundle-series',
    stage: 'bundle',
    set: () => ['count=3'],
    notDone: ['welcome', 'clock', 'plan', 'calendar'],
    look: (scene) => {
      const via = [bundle(scene, 2), bundle(scene, 3)].flatMap((file) => ['--via', file]);
      const { sequence } = verified([
        'bundle',
        'verify',
        bundle(scene, 4),
        '--last',
        bundle(scene, 1),
        ...via,
        '--at',
        inDays(200),
      ]);
      expect(sequence).toBe(4);
    },
  },
  {
    script: 'restore-drill',
    stage: 'bundle',
    set: (scene) => {
      mkdirSync(scene.path('medium'));
      const copy = scene.path('medium/example.org-0002');
      cpSync(scene.dir, copy, { recursive: true });
      return [`backup=file:${copy}/keys/root-1.age`, `medium=${scene.path('medium')}`];
    },
    notDone: ['welcome', 'bag', 'opening', 'medium-in', 'medium-out', 'closing', 'back'],
    look: (scene) => {
      expect(events(scene, 'sign')).toEqual([]);
      expect(events(scene, 'key')).toMatchObject([{ what: 'proven from a backup', key: 'file:keys/root-1.age' }]);
      expect(readdirSync(join(scene.dir, 'bundles'))).toHaveLength(1);
    },
  },
  {
    script: 'hsm-acceptance',
    stage: undefined,
    notDone: ['welcome', 'bag', 'serial', 'papers', 'break', 'empty', 'closing'],
    look: (scene) => {
      expect(events(scene, 'sign')).toEqual([]);
      expect(events(scene, 'key')).toHaveLength(2);
      expect(readdirSync(join(scene.dir, 'keys'))).toEqual([]);
    },
  },
];

/** What softhsm2-util lets an imported key do, and a key for signatures must not. */
async function takeUsagesAway(uri: string): Promise<void> {
  const parsed = parsePkcs11Uri(uri);
  const session = await HsmSession.open(parsed, MEANS);
  try {
    await session.login(parsed, new TestPins());
    const [key] = await session.privateKeys(parsed);
    const usage = [0x105, 0x107, 0x10c, 0x109].map((type) => [type, '00'] as const);
    await session.process.ask({ op: 'set', object: key?.handle ?? '', template: usage }, 'taking usages away');
  } finally {
    await session.close();
  }
}

function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}

test('are all here', () => {
  const shipped = readdirSync(new URL('../../../ceremonies/', import.meta.url)).filter((name) =>
    name.endsWith('.yaml'),
  );
  expect(shipped).toEqual(SHIPPED.map(({ script }) => `${script}.yaml`).sort());
});

describe('with software keys', () => {
  test.each(SHIPPED)('$script', ({ script, stage, set = () => [], notDone, look }) => {
    const scene = stage === undefined ? newAuthority() : authorityWith(stage);
    const given = set(scene).flatMap((one) => ['--set', one]);
    const plan = scene.path('plan.json');
    mustSucceed(scene.cli(['plan', script, ...given, '--out', plan, '--print', scene.path('plan.txt')]));
    expect(readFileSync(scene.path('plan.txt'), 'utf8')).toContain('initials: ________');
    mustSucceed(scene.json(['run', plan]));
    const outcomes = outcomesOf(newestTranscript(scene));
    expect(outcomes.filter(([, outcome]) => outcome !== 'done').map(([id]) => id)).toEqual(notDone);
    expect(['done', 'left-out', 'not-done']).toEqual(expect.arrayContaining(outcomes.map(([, outcome]) => outcome)));
    mustSucceed(scene.cli(['transcript', 'verify', newestTranscript(scene)]));
    mustSucceed(scene.cli(['ledger', 'verify']));
    expect(existsSync(join(scene.dir, '.lock'))).toBe(false);
    look(scene);
  });
});

describe('with keys in a token', () => {
  softHsmTest(
    'the life of an authority',
    () => {
      const scene = newAuthority();
      const { env, pinFile } = newStore();
      const go = (script: string, ...set: readonly string[]): string => {
        const args = ['run', script, ...set.flatMap((one) => ['--set', one]), '--pin-file', pinFile];
        mustSucceed(scene.json(args, { env }));
        const file = newestTranscript(scene);
        expect(outcomesOf(file).filter(([, outcome]) => !['done', 'left-out', 'not-done'].includes(outcome))).toEqual(
          [],
        );
        return file;
      };
      const key = (object: string): string => `key=${keyUri(object)}`;
      const accepted = go('hsm-acceptance', key('trial'));
      expect(linesOf(accepted).filter(({ event }) => event === 'token')).toMatchObject([
        { what: 'tried', token: 'AS Root' },
      ]);
      expect(privateKeyLabels()).toEqual([]);
      go('root-generation', key('root-1'));
      go('intermediate-issuance', key('intermediate-1'));
      go('intermediate-rotation', key('intermediate-2'));
      go('revocation', key('root-1'), 'credential=credentials/intermediate-1.pem', 'reason=superseded');
      go('root-rotation', key('root-2'));
      go('bundle-series', key('root-2'), 'count=2');
      const names = readdirSync(join(scene.dir, 'bundles')).sort();
      const files = names.map((name) => join(scene.dir, 'bundles', name));
      const [first = '', ...later] = files;
      const last = later.pop() ?? '';
      const via = later.flatMap((file) => ['--via', file]);
      const { as_credentials: roots, as_intermediate_credentials: intermediates } = verified([
        'bundle',
        'verify',
        last,
        '--last',
        first,
        ...via,
        '--at',
        inDays(100),
      ]);
      expect([names, roots, intermediates].map((list) => (list as readonly unknown[]).length)).toEqual([7, 2, 1]);
      mustSucceed(scene.cli(['ledger', 'verify']));
      expect(privateKeyLabels()).toEqual(['intermediate-1', 'intermediate-2', 'root-1', 'root-2']);
      expect(readdirSync(join(scene.dir, 'keys')).filter((name) => name.endsWith('.age'))).toEqual([]);
    },
    300_000,
  );

  softHsmTest('a drill proves a key file from its backup in a token, and takes nothing else for one', async () => {
    const scene = authorityWith('bundle');
    const { env, pinFile, folder } = newStore('AS Backup');
    const pem = join(folder, 'root-1.pem');
    const ageFile = readFileSync(join(scene.dir, 'keys/root-1.age'));
    writeFileSync(pem, await openKey(ageFile, utf8(PASSPHRASE)), { mode: 0o600 });
    must('softhsm2-util', '--import', pem, '--token', 'AS Backup', '--label', 'root-1', '--id', 'a1', '--pin', PIN);
    const backup = keyUri('root-1', SOFTHSM, 'AS Backup');
    await takeUsagesAway(backup);
    const drill = (from: string) =>
      scene.json(['run', 'restore-drill', '--set', `backup=${from}`, '--pin-file', pinFile], { env });
    mustSucceed(drill(backup));
    expect(events(scene, 'key')).toMatchObject([
      { what: 'proven from a backup', from: backup, hsm: { token: 'AS Backup' } },
    ]);
    expect(events(scene, 'sign')).toEqual([]);
    expect(drill('file:keys/root-1.age').json).toMatchObject({ code: 'not-a-backup' });
    expect(drill(keyUri('root-2', SOFTHSM, 'AS Backup')).json).toMatchObject({ code: 'held' });
  });
});

describe('rehearsed', () => {
  test.each(['intermediate-rotation', 'revocation', 'restore-drill'])('%s', (script) => {
    const scene = newAuthority();
    const given: Readonly<Record<string, readonly string[]>> = {
      revocation: ['--set', 'credential=credentials/intermediate-1.pem'],
      'restore-drill': ['--set', 'backup=file:keys/root-1.age'],
    };
    mustSucceed(scene.json(['rehearse', script, '--into', scene.path('practice'), ...(given[script] ?? [])]));
  });
});
