/** Steps as people do them at a terminal, one kind after the other, No and mistakes included. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { People } from '../../support/cli/ceremony-people.js';
import { cli, shell } from '../../support/cli/cli.js';
import {
  authorityWith,
  makeFolder,
  mustSucceed,
  newAuthority,
  PASSPHRASE,
  readTree,
  type Scene,
} from '../../support/cli/cli-authority.js';
import { CTRL_C } from '../../support/cli/cli-terminal.js';
import { type Line, linesOf, newestTranscript, outcomesOf } from '../../support/cli/transcripts.js';
import { tokenKey } from '../../support/keys/sk-keys.js';
import { keyUri, newStore, PIN, softHsmTest } from '../../support/keys/softhsm.js';
import { hasTool, toolTest } from '../../support/machine/tools.js';

const ROLES = `  operator: { people: 1, not: [witness] }
  witness: { people: 1, not: [operator] }`;
const NAMES = 'Olga, Willi';
const PERSONS = ['--person', 'operator=Olga', '--person', 'witness=Willi <willi@example.org>'];

/** A script of these steps, in a file. */
function script(scene: Scene, steps: string, roles = ROLES): string {
  const file = scene.path(`test-${String(readdirSync(scene.folder).length)}.yaml`);
  writeFileSync(file, `version: 1\ntitle: A test\npurpose: To be run.\nroles:\n${roles}\nsteps:\n${steps}`);
  return file;
}

function step(id: string, body: string, no = 'retry, deviation, hold, abort'): string {
  return `  - { id: ${id}, ${body}, by: operator, no: [${no}] }\n`;
}

const SAY = step('say', 'say: Good morning');

function people(scene: Scene, ...args: readonly string[]): People {
  const { SOFTHSM2_CONF } = process.env;
  const env = SOFTHSM2_CONF === undefined ? {} : { SOFTHSM2_CONF };
  return new People(['-C', scene.dir, ...args], { cwd: scene.folder, env });
}

/** People who are all here. */
async function assembled(scene: Scene, file: string): Promise<People> {
  const all = people(scene, 'run', file, ...PERSONS);
  await all.answer('Roll-call', NAMES);
  return all;
}

const lines = (scene: Scene, event: string): Line[] =>
  linesOf(newestTranscript(scene)).filter((line) => line.event === event);

describe('media', () => {
  toolTest(
    'script',
    'are put in, looked at, written, read again byte by byte, and hashed as sha256sum does',
    async () => {
      const scene = authorityWith('root');
      const medium = makeFolder(scene.path('medium'));
      const on = (action: string): string => `media: ${action}, medium: a stick, path: ${medium}`;
      const steps = [
        step('in', on('insert')),
        step('look', on('identify')),
        step('copy', on('copy')),
        step('pause', 'say: Now'),
        step('again', on('re-read')),
        step('hash', on('hash')),
        step('twice', on('copy')),
        step('out', on('eject')),
      ].join('');
      writeFileSync(join(medium, 'letter'), 'x');
      const all = await assembled(scene, script(scene, steps));
      await all.answer(/Insert a stick[^]*Enter when it is done/, '');
      await all.terminal.see('holds: letter');
      await all.terminal.see('files are copied');
      await all.terminal.see('Step 4 of 8');
      const copy = join(medium, 'example.org-0003');
      const key = readFileSync(join(copy, 'keys/root-1.age'));
      expect(key).toEqual(readFileSync(join(scene.dir, 'keys/root-1.age')));
      const changed = Buffer.from(key);
      changed[200] = (changed[200] ?? 0) ^ 1;
      writeFileSync(join(copy, 'keys/root-1.age'), changed);
      await all.answer('Read aloud', '');
      await all.terminal.see(/NO: keys\/root-1\.age\s+differ/);
      writeFileSync(join(copy, 'keys/root-1.age'), key);
      // This ceremony's own transcript: not cut short, and not in the middle of a line.
      const own = join(copy, 'transcripts/0003-run.jsonl');
      const whole = readFileSync(own);
      const lastLine = whole.lastIndexOf('\n', whole.length - 2) + 1;
      const wrong = [
        Buffer.alloc(0),
        whole.subarray(0, lastLine),
        whole.subarray(0, -1),
        Buffer.concat([whole, readFileSync(newestTranscript(scene)).subarray(whole.length, whole.length + 20)]),
        Buffer.concat([whole, Buffer.from('{}\n')]),
      ];
      for (const bytes of wrong) {
        writeFileSync(own, bytes);
        await all.answer('What next', 'retry');
        await all.terminal.see(/NO: transcripts\/0003-run.jsonl\s+differ/);
      }
      writeFileSync(own, whole);
      await all.answer('What next', 'retry');
      await all.terminal.see(/0\s+differ\s+or\s+are\s+missing/);
      // Nothing is overwritten.
      await all.terminal.see(/is\s+there\s+already,\s+and\s+nothing\s+is\s+overwritten/);
      await all.answer('What next', 'deviation');
      await all.answer('What is done instead', 'There is one copy.');
      await all.answer('Who accepts that', 'Nobody');
      await all.terminal.see('That person is not');
      await all.answer('Who accepts that', 'willi');
      await all.answer(/Eject a stick[^]*Enter when it is done/, '');
      await all.ends(0);
      expect(lines(scene, 'deviation')).toMatchObject([{ step: 7, what: 'There is one copy.', accepted_by: 'Willi' }]);
      const hashed = lines(scene, 'media').find(({ action }) => action === 'hash');
      // By hand, and by a stranger.
      const list = "find * -type f ! -name '*.age' | LC_ALL=C sort | xargs sha256sum | sha256sum | cut -c 1-64";
      expect(hashed?.sums_sha256).toBe(shell(list, { cwd: copy }).stdout.trim());
      mustSucceed(scene.cli(['transcript', 'verify', newestTranscript(scene)]));
      mustSucceed(scene.cli(['ledger', 'verify']));
    },
  );

  toolTest('script', 'that are not there are a No, and a held ceremony goes on', async () => {
    const scene = authorityWith('root');
    const medium = scene.path('medium');
    const all = await assembled(scene, script(scene, step('copy', `media: copy, medium: a stick, path: ${medium}`)));
    await all.terminal.see('is not a folder');
    await all.answer('What next', 'hold');
    await all.ends(1);
    expect(scene.json(['bundle', 'export']).json).toMatchObject({ code: 'transcript-unfinished' });
    makeFolder(medium);
    const again = people(scene, 'resume');
    await again.answer('Roll-call', NAMES);
    await again.typesHead(all);
    await again.ends(0);
    expect(outcomesOf(newestTranscript(scene))).toEqual([
      ['copy', 'held'],
      ['copy', 'done'],
    ]);
  });
});

describe('seals', () => {
  toolTest('script', 'are opened with the numbers of the last sealing, and one character off is a No', async () => {
    const scene = newAuthority();
    const close = script(scene, step('close', 'seal: close, what: the key'));
    const open = script(scene, step('open', 'seal: open, what: the key', 'retry, abort'));
    const sealed = async (bag: string, seal: string): Promise<void> => {
      const all = await assembled(scene, close);
      await all.answer('Number of the bag', bag);
      await all.answer('Number of its seal', seal);
      await all.ends(0);
    };
    const never = await assembled(scene, open);
    await never.answer('Number of the bag', 'B-1');
    await never.answer('Number of its seal', '0042');
    await never.terminal.see('no sealing of the key is on record');
    await never.answer('What next', 'abort');
    await never.ends(1);
    await sealed('B-1', '0042');
    await sealed('B-2', '0043');
    const all = await assembled(scene, open);
    for (const [bag, seal] of [
      ['B-2', '0044'],
      ['B-2', '0043 1'],
      ['B-1', '0042'],
    ] as const) {
      await all.answer('Number of the bag', bag);
      await all.answer('Number of its seal', seal);
      await all.terminal.see('not the numbers that the key was sealed with');
      await all.answer('What next', 'retry');
    }
    // What is expected is never shown.
    expect(all.terminal.text.replaceAll(/Number of.*/g, '')).not.toContain('0043');
    await all.answer('Number of the bag', 'B-2');
    await all.answer('Number of its seal', '0043');
    await all.ends(0);
    expect(lines(scene, 'seal').map(({ as_sealed: equal }) => equal)).toEqual([false, false, false, true]);
  });
});

describe('a break', () => {
  toolTest('script', 'closes every key, and ends when all are back or are substituted', async () => {
    const scene = authorityWith('bundle');
    const look = step('look', 'check: [preflight, authority]');
    const pause = step('pause', 'break: Lunch');
    const bundle = (id: string): string => step(id, 'run: bundle export');
    const steps = look + bundle('one') + bundle('two') + pause + bundle('three') + step('sign', 'collect: [witness]');
    const all = await assembled(scene, script(scene, steps));
    await all.answer('Your watch says', '');
    await all.answer('should this go ahead', 'yes');
    await all.answer('Passphrase of file:keys/root-1.age', PASSPHRASE);
    await all.answer('should this go ahead', 'yes');
    await all.terminal.see('BREAK. Every key is closed.');
    await all.answer('Roll-call', 'Olga');
    await all.answer('Willi (witness) is absent', 'Olga');
    await all.answer('does Olga sign by', '');
    await all.terminal.see('Olga cannot be operator and witness');
    await all.answer('Roll-call', 'Olga, Wilma');
    await all.answer('Willi (witness) is absent', 'wait');
    await all.answer('Roll-call', 'olga');
    await all.answer('Willi (witness) is absent', 'Wilma Weber <wilma@example.org>');
    await all.answer('should this go ahead', 'yes');
    await all.answer('Passphrase of file:keys/root-1.age', PASSPHRASE);
    await all.ends(0);
    expect(lines(scene, 'people').at(-1)?.people).toEqual([
      { name: 'Olga', role: 'operator' },
      { name: 'Wilma Weber', role: 'witness', principal: 'wilma@example.org', substitute_for: 'Willi' },
    ]);
    expect(lines(scene, 'end')[0]).toMatchObject({ to_sign: ['wilma@example.org'] });
    const last = join(scene.dir, 'bundles/bundle-000004.cose');
    mustSucceed(cli(['bundle', 'verify', last, '--trust', join(scene.dir, 'credentials/root-1.pem')]));
  });
});

describe('the roll-call', () => {
  toolTest('script', 'at the beginning and after an interruption records who substitutes for whom', async () => {
    const scene = newAuthority();
    const file = script(scene, SAY);
    const all = people(scene, 'run', file, ...PERSONS);
    await all.answer('Roll-call', 'Willi');
    await all.answer('Olga (operator) is absent', 'Otto');
    await all.terminal.see('operator: Otto');
    await all.terminal.see('Read aloud');
    all.terminal.type(CTRL_C);
    await all.answer('Stop the ceremony here', 'stop');
    await all.ends(130);
    const again = people(scene, 'resume');
    // She came after all.
    await again.answer('Roll-call', 'Willi');
    await again.answer('Otto (operator) is absent', 'Olga');
    await again.typesHead(all);
    await again.answer('Read aloud', '');
    await again.ends(0);
    const operators = lines(scene, 'people').map(({ people: all }) => (all as readonly Line[])[0]);
    expect(operators).toEqual([
      { name: 'Olga', role: 'operator' },
      { name: 'Otto', role: 'operator', substitute_for: 'Olga' },
      { name: 'Olga', role: 'operator' },
    ]);
    mustSucceed(scene.cli(['transcript', 'verify', newestTranscript(scene)]));
  });

  toolTest('script', 'asks by which name a substitute signs, and says who does not', async () => {
    const scene = newAuthority();
    const file = script(scene, SAY + step('sign', 'collect: [operator, witness]'));
    const signing = ['--person', 'operator=Olga <olga@example.org>', '--person', 'witness=Willi <willi@example.org>'];
    const all = people(scene, 'run', file, ...signing);
    await all.answer('Roll-call', 'nobody');
    await all.answer('Olga (operator) is absent', 'Otto');
    await all.answer('does Otto sign by', 'otto/../x');
    await all.terminal.see('is not a name in allowed_signers');
    await all.answer('does Otto sign by', 'otto@example.org');
    await all.answer('Willi (witness) is absent', 'Wilma');
    await all.answer('does Wilma sign by', '');
    await all.answer('Read aloud', '');
    await all.terminal.see('no name in allowed_signers is known for them');
    await all.ends(0);
    expect(lines(scene, 'people').at(-1)?.people).toEqual([
      { name: 'Otto', role: 'operator', principal: 'otto@example.org', substitute_for: 'Olga' },
      { name: 'Wilma', role: 'witness', substitute_for: 'Willi' },
    ]);
    expect(lines(scene, 'end')[0]).toMatchObject({ to_sign: ['otto@example.org'] });
  });

  toolTest(
    'script',
    'takes only names of allowed_signers, one person each, and says who was not expected',
    async () => {
      const scene = newAuthority();
      const keys = [1, 2, 3].map(() => tokenKey('ed25519').publicKey);
      writeFileSync(
        join(scene.dir, 'allowed_signers'),
        `olga,o.lga ${keys[0] ?? ''}\nwilli ${keys[1] ?? ''}\nwilma ${keys[2] ?? ''}\n`,
      );
      const file = script(scene, SAY + step('sign', 'collect: [operator, witness]'));
      const plan = (...persons: string[]) =>
        scene.json(['plan', file, ...persons.flatMap((one) => ['--person', one]), '--out', scene.path('plan.json')]);
      const olga = 'operator=Olga <olga>';
      expect(plan(olga, 'witness=Willi <o.lga>').json).toMatchObject({
        code: 'bad-people',
        message: 'Olga and Willi sign as one person (olga, o.lga)',
      });
      expect(plan(olga, 'witness=Wil\u200bli <willi>').json).toMatchObject({ code: 'usage' });
      expect(plan(olga, 'witnes=Willi').json.message).toContain('there is no role "witnes"');
      expect(plan(olga, 'witness=W <x=1> <w@example.org>').json.message).toContain('is not role=Name');
      const made = mustSucceed(plan(olga, 'witness=Willi <will>'));
      expect(made.json.warnings).toEqual([
        'allowed_signers has no "will", by which Willi is to sign; it has: olga, o.lga, willi, wilma',
      ]);
      const all = people(scene, 'run', file, '--person', olga, '--person', 'witness=Willi <willi>');
      await all.answer('Roll-call', 'Olga; Wili');
      await all.terminal.see('Not expected: Olga; Wili. Expected: Olga, Willi.');
      await all.answer('Olga (operator) is absent', 'wait');
      await all.answer('Roll-call', 'Olga, Wili');
      await all.answer('Willi (witness) is absent', 'Wilma');
      await all.answer('does Wilma sign by', 'wilam');
      await all.terminal.see('"wilam" is not a name in allowed_signers');
      await all.answer('does Wilma sign by', 'wait');
      await all.answer('Roll-call', 'Olga');
      await all.answer('Willi (witness) is absent', 'Wilma <olga>');
      await all.terminal.see('Olga and Wilma sign as one person');
      await all.answer('Roll-call', 'Olga');
      // Who was missing came in meanwhile, and signs as planned.
      await all.answer('Willi (witness) is absent', 'willi');
      await all.terminal.see('witness: Willi, who signs as willi');
      await all.answer('Read aloud', '');
      await all.ends(0);
      expect(lines(scene, 'end')[0]).toMatchObject({ to_sign: ['olga', 'willi'] });
    },
  );

  toolTest('script', 'asks who has which role if the plan names nobody, and counts them', async () => {
    const scene = newAuthority();
    const roles = ROLES.replace('witness: { people: 1', 'witness: { people: 2');
    const all = people(scene, 'run', script(scene, SAY, roles));
    await all.answer('who is operator', 'Olga');
    await all.answer('who is witness (2 names or more', 'Willi');
    await all.terminal.see('2 people must be witness, and 1 is');
    await all.answer('who is operator', 'Olga');
    await all.answer('who is witness', 'Willi, willi');
    await all.terminal.see('is witness twice');
    await all.answer('who is operator', 'no');
    await all.ends(1);
    expect(all.terminal.text).toContain('the ceremony is held: not everybody is present');
    const again = people(scene, 'resume');
    await again.answer('who is operator', 'Olga');
    await again.answer('who is witness', 'Willi, Wilma');
    await again.typesHead(all);
    await again.answer('Read aloud', '');
    await again.ends(0);
  });

  toolTest('script', 'can be stopped like every question', async () => {
    const scene = newAuthority();
    const all = people(scene, 'run', script(scene, SAY), ...PERSONS);
    await all.terminal.see('Roll-call');
    all.terminal.type(CTRL_C);
    await all.answer('Stop the ceremony here', '');
    await all.terminal.see('Roll-call');
    all.terminal.type(CTRL_C);
    await all.answer('Stop the ceremony here', 'stop');
    await all.ends(130);
    expect(linesOf(newestTranscript(scene)).at(-1)).toMatchObject({ event: 'interrupted' });
    mustSucceed(scene.json(['resume']));
  });

  test('is recorded as not done if nobody is there', () => {
    const scene = newAuthority();
    mustSucceed(scene.json(['run', script(scene, SAY)]));
    expect(lines(scene, 'roll-call')).toMatchObject([{ outcome: 'not-done' }]);
  });
});

describe('comparisons and questions', () => {
  toolTest('script', 'never show what is expected, and take no source twice', async () => {
    const scene = newAuthority();
    const file = script(
      scene,
      step('one', 'compare: plan, with: the paper') + step('two', 'compare: plan, with: another'),
    );
    const plan = scene.path('plan.json');
    const { json } = mustSucceed(scene.json(['plan', file, ...PERSONS, '--out', plan]));
    const hex = String(json.sha256);
    const words = json.words as readonly string[];
    const all = people(scene, 'run', plan);
    await all.answer('Roll-call', NAMES);
    await all.terminal.see('Where are the digits read from');
    // For ears; this screen has no room for cameras.
    expect(all.terminal.text).toContain(words[0] ?? '');
    expect(all.terminal.text).toContain('no room for the QR code');
    const shown = all.terminal.text.length;
    all.terminal.type('the paper\r');
    await all.answer('type groups', '0000 1111 2222 3333');
    await all.answer('What next', 'retry');
    await all.compare(hex, 'the paper');
    await all.answer('Where are the digits read from', ' The  PAPER');
    await all.terminal.see('was compared already');
    await all.answer('What next', 'retry');
    await all.compare(hex, 'the second machine');
    await all.ends(0);
    const after = all.terminal.text.slice(shown).split('NO: ')[1]?.split('What next')[0] ?? '';
    expect(after).toContain('what was typed from the paper is not what is here');
    for (let i = 0; i < 64; i += 4) expect(after).not.toContain(hex.slice(i, i + 4));
    expect(lines(scene, 'compare').map(({ equal }) => equal)).toEqual([false, true, true]);
  });

  toolTest('script', 'answers must be of their kind, and what the plan expects', async () => {
    const scene = newAuthority();
    const asked = step('n', 'ask: How many, answer: number') + step('serial', "ask: Which serial, equals: 'A-17'");
    const all = await assembled(scene, script(scene, asked));
    await all.answer('? How many', 'many');
    await all.terminal.see('NO: the answer is not a number');
    await all.answer('What next', 'retry');
    await all.answer('? How many', '3');
    await all.answer('? Which serial', 'A-18');
    await all.terminal.see('NO: the answer is not what the plan expects');
    await all.answer('What next', 'abort');
    await all.ends(1);
    expect(all.terminal.text).not.toContain('A-17');
    expect(linesOf(newestTranscript(scene)).at(-1)).toMatchObject({ event: 'end', outcome: 'aborted' });
    // A defined state: the next one can begin.
    mustSucceed(scene.json(['run', 'root-generation']));
  });

  toolTest('script', 'Ctrl-C and then Enter goes on with the step, and is no No', async () => {
    const scene = newAuthority();
    const all = await assembled(scene, script(scene, SAY));
    await all.terminal.see('Read aloud');
    all.terminal.type(CTRL_C);
    await all.answer('Stop the ceremony here', '');
    await all.answer('Read aloud', '');
    await all.ends(0);
    expect(lines(scene, 'no')).toEqual([]);
    expect(lines(scene, 'stop-asked')).toMatchObject([{ step: 1, answer: '' }]);
  });

  toolTest('script', 'Ctrl-C at the choice after a No asks too', async () => {
    const scene = newAuthority();
    const all = await assembled(scene, script(scene, SAY));
    await all.answer('Read aloud', 'no');
    await all.terminal.see('What next');
    all.terminal.type(CTRL_C);
    await all.answer('Stop the ceremony here', '');
    await all.terminal.see('What next');
    all.terminal.type(CTRL_C);
    await all.answer('Stop the ceremony here', 'stop');
    await all.ends(130);
    expect(linesOf(newestTranscript(scene)).at(-1)).toMatchObject({ event: 'interrupted', step: 1 });
  });
});

/** The root ceremony as it ships, with everything on paper: what was typed, and which secrets. */
async function rootCeremony(
  scene: Scene,
  more: readonly string[],
  secrets: (all: People) => Promise<void>,
): Promise<People> {
  const medium = makeFolder(scene.path('medium'));
  const plan = scene.path('root.plan.json');
  const persons = ['administrator=Anna', 'operator=Olga', 'witness=Willi'].flatMap((one) => ['--person', one]);
  mustSucceed(scene.cli(['plan', 'root-generation', ...persons, '--set', `backup=${medium}`, ...more, '--out', plan]));
  const all = people(scene, 'run', plan);
  await all.answer('Roll-call', 'Anna, Olga, Willi');
  await all.answer('Read aloud', '');
  await all.answer('Your watch says', new Date().toISOString().slice(0, 16).replace('T', ' '));
  await all.answer('attest to this', 'yes');
  await all.answer('should this go ahead', 'yes');
  await secrets(all);
  await all.writesDown();
  await all.terminal.see('Step 5 of 14');
  const root = cli(['fingerprint', join(scene.dir, 'credentials/root-1.pem'), '--json']);
  const { credentials } = JSON.parse(root.stdout) as {
    readonly credentials: readonly { readonly fingerprint: string }[];
  };
  await all.compare(credentials[0]?.fingerprint ?? '');
  return all;
}

async function restOfRoot(all: People): Promise<void> {
  await all.answer('should this go ahead', 'yes');
  await all.answer(/Insert the backup medium[^]*Enter when it is done/, '');
  await all.answer(/Eject the backup medium[^]*Enter when it is done/, '');
  await all.answer('Number of the bag', 'B-1');
  await all.answer('Number of its seal', '0042');
  await all.ends(0);
}

describe('the root ceremony as it ships', () => {
  toolTest('script', 'takes at most 25 inputs with a key file', async () => {
    const scene = newAuthority();
    const all = await rootCeremony(scene, [], async (one) => {
      await one.answer('New passphrase', PASSPHRASE);
      await one.answer('Repeat it', PASSPHRASE);
    });
    // The key file itself is opened, with what stands on the paper.
    await all.answer('Passphrase of file:keys/root-1.age', PASSPHRASE);
    await restOfRoot(all);
    expect(all.inputs).toBeLessThanOrEqual(25);
    expect(outcomesOf(newestTranscript(scene)).map(([, outcome]) => outcome)).toEqual(Array(14).fill('done'));
    expect(existsSync(scene.path('medium/example.org-0002/keys/root-1.age'))).toBe(true);
    mustSucceed(scene.cli(['ledger', 'verify']));
  });

  if (hasTool('script')) {
    softHsmTest('takes at most 25 inputs and one login with a token', async () => {
      const scene = newAuthority();
      newStore();
      const all = await rootCeremony(scene, ['--set', `key=${keyUri('root-1')}`], (one) => one.answer('PIN', PIN));
      await restOfRoot(all);
      // A login asks for the PIN, and a second question would still be waiting for its answer.
      expect(all.inputs).toBeLessThanOrEqual(25);
      expect(all.terminal.raw).not.toContain(PIN);
      mustSucceed(scene.cli(['ledger', 'verify']));
    });
  }
});

describe('bad input changes nothing', () => {
  const refused = (name: string, args: (scene: Scene) => readonly string[], expected: object, status = 1): void => {
    test(name, () => {
      const scene = newAuthority();
      const before = readTree(scene.dir);
      const ended = scene.json(args(scene));
      expect(ended.json).toMatchObject({ ok: false, ...expected });
      expect(ended.status).toBe(status);
      expect(readTree(scene.dir)).toEqual(before);
    });
  };
  const written = (scene: Scene, text: string): string => {
    const file = scene.path('bad.yaml');
    writeFileSync(file, text);
    return file;
  };
  refused('a script of 50 MB', (scene) => ['run', written(scene, `#${'x'.repeat(50 * 1024 * 1024)}\n`)], {}, 3);
  refused('a script of 300 KiB', (scene) => ['run', written(scene, `#${'x'.repeat(300 * 1024)}\n`)], {
    code: 'bad-script',
  });
  refused(
    'a script that signs before it checks',
    (scene) => ['run', script(scene, step('look', 'check: [preflight]') + step('sign', 'run: root generate'))],
    { code: 'bad-script', message: expect.stringMatching(/:9: steps\.2: it signs before anybody checks/) as unknown },
  );
  refused('a parameter that is not declared', () => ['run', 'root-generation', '--set', 'kee=x'], { code: 'usage' }, 2);
  refused('a parameter of a wrong type', () => ['run', 'root-generation', '--set', 'key=root-1'], { code: 'usage' }, 2);
  refused(
    'a principal that is no safe file name',
    (scene) => ['run', script(scene, SAY), '--person', 'operator=Olga <../olga>', '--person', 'witness=Willi'],
    { code: 'usage', message: expect.stringContaining('is not a safe file name') as unknown },
    2,
  );
  refused(
    'one person in two roles that exclude each other',
    (scene) => ['run', script(scene, SAY), '--person', 'operator=Olga', '--person', 'witness=OLGA'],
    { code: 'bad-people' },
  );
  refused(
    'a plan, and what a plan is made from',
    (scene) => {
      mustSucceed(scene.cli(['plan', script(scene, SAY), '--out', scene.path('p.json')]));
      return ['run', scene.path('p.json'), '--person', 'witness=Wilma'];
    },
    { code: 'usage', message: expect.stringContaining('--person is for making a plan') as unknown },
    2,
  );
});
