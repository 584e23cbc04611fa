/** What people answer in a ceremony, and how it is heard: nothing goes on over words that are no Yes. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { mustSucceed, newAuthority, type Scene } from '../../support/cli/cli-authority.js';
import { Terminal } from '../../support/cli/cli-terminal.js';
import { linesOf, outcomesOf } from '../../support/cli/transcripts.js';
import { toolTest } from '../../support/machine/tools.js';

const RUN = 'transcripts/0002-run.jsonl';

/** A script of one person, of these steps. */
function scriptOf(scene: Scene, ...steps: readonly string[]): string {
  const path = scene.path('answers.yaml');
  const head = 'version: 1\ntitle: A test\npurpose: To be answered.\nroles: { operator: { people: 1 } }\nsteps:\n';
  writeFileSync(
    path,
    head +
      steps
        .map((step, i) => `  - { id: s${String(i)}, by: operator, no: [retry, deviation, hold], ${step} }\n`)
        .join(''),
  );
  return path;
}

async function begin(scene: Scene, script: string, roll = 'Olga'): Promise<Terminal> {
  const terminal = new Terminal(['-C', scene.dir, 'run', script], { cwd: scene.folder, columns: 160 });
  await terminal.answer('Roll-call', roll);
  return terminal;
}

toolTest('script', 'Enter or yes goes on, no stops, and anything else is asked again', async () => {
  const scene = newAuthority();
  mkdirSync(scene.path('stick'));
  const insert = `media: insert, medium: the stick, path: '${scene.path('stick')}'`;
  const terminal = await begin(scene, scriptOf(scene, 'say: Hello.', insert));
  for (const question of ['Read aloud', 'Enter when it is done']) {
    await terminal.answer(question, 'no, wait');
    await terminal.see('Type Enter or no');
    await terminal.answer(question, 'STOP');
    await terminal.see('Type Enter or no');
    await terminal.answer(question, 'N');
    await terminal.answer('What next', 'retry');
    await terminal.answer(question, question === 'Read aloud' ? '' : 'Yes');
  }
  expect(await terminal.end()).toBe(0);
  const answers = linesOf(join(scene.dir, RUN)).filter(({ event }) => event === 'say' || event === 'media');
  expect(answers.map(({ answer }) => answer)).toEqual(['no, wait', 'STOP', 'N', '', 'no, wait', 'STOP', 'N', 'Yes']);
});

toolTest('script', 'words that begin with No are No, and are no number of a bag', async () => {
  const scene = newAuthority();
  const terminal = await begin(
    scene,
    scriptOf(scene, "ask: Who is here, equals: 'No Man'", 'ask: What is seen', 'seal: close, what: the stick'),
  );
  // The step's text, and then the question.
  await terminal.answer(/Who is here[^]*Who is here/, 'no, she is away');
  await terminal.answer('What next', 'retry');
  await terminal.answer(/Who is here[^]*Who is here/, 'No Man');
  for (const no of ['No. The bag is torn', 'stop', 'n']) {
    await terminal.answer(/What is seen[^]*What is seen/, no);
    await terminal.see('NO: the answer is No');
    await terminal.answer('What next', 'retry');
  }
  await terminal.answer(/What is seen[^]*What is seen/, 'Nothing, and none of it is torn');
  await terminal.answer('Number of the bag', 'no, it is torn');
  await terminal.see('NO: the bag is not as it should be (no, it is torn)');
  await terminal.answer('What next', 'retry');
  await terminal.answer('Number of the bag', 'NO-100');
  await terminal.answer('Number of its seal', 'Stop! It is open');
  await terminal.answer('What next', 'retry');
  await terminal.answer('Number of the bag', 'NO-100');
  await terminal.answer('Number of its seal', 'S-1');
  expect(await terminal.end()).toBe(0);
  expect(outcomesOf(join(scene.dir, RUN)).map(([, outcome]) => outcome)).toEqual(['done', 'done', 'done']);
  expect(linesOf(join(scene.dir, RUN)).filter(({ event }) => event === 'seal')).toMatchObject([
    { bag: 'NO-100', seal: 'S-1' },
  ]);
});

toolTest('script', 'nobody is here of the name No', async () => {
  const scene = newAuthority();
  const terminal = await begin(scene, scriptOf(scene, 'say: Hello.'), 'no, nobody');
  await terminal.see('the ceremony is held: not everybody is present');
  expect(await terminal.end()).toBe(1);
});

test('a script is named by what ships, is no plan, and says which roles it has', () => {
  const scene = newAuthority();
  const script = scriptOf(scene, 'say: Hello.', `media: insert, medium: the stick`, 'check: [authority, key-files]');
  const plan = scene.path('p.json');
  const { stdout } = mustSucceed(scene.cli(['plan', script, '--out', plan]));
  expect(stdout).toContain('Insert the stick.');
  expect(scene.json(['rehearse', plan]).json).toMatchObject({
    code: 'usage',
    message: `${plan} is a plan; rehearse takes a script`,
    hint: expect.stringMatching(/as-ceremony -C \S+ rehearse answers$/) as unknown,
  });
  expect(scene.json(['plan', 'root-generaton']).json).toMatchObject({
    code: 'file-not-found',
    hint: expect.stringContaining('root-generation, root-rotation') as unknown,
  });
  expect(scene.cli(['plan', '--help']).stdout).toContain('restore-drill');
  expect(scene.json(['plan', script, '--person', 'operater=Cleo']).json).toMatchObject({
    code: 'usage',
    hint: 'Roles here: operator.',
  });
  mustSucceed(scene.json(['run', plan]));
  const seen = linesOf(join(scene.dir, RUN)).filter(({ event }) => event === 'check');
  expect(seen.map(({ saw }) => saw)).toEqual([
    '2 transcripts are linked, every file that is named there is here, and 0 roots verify',
    '0 key files are there, and 0 keys are on record in tokens',
  ]);
});

toolTest('script', 'a first drill goes on without a sealing on record, as a deviation', async () => {
  const scene = newAuthority();
  const shipped = readFileSync(new URL('../../../ceremonies/restore-drill.yaml', import.meta.url), 'utf8');
  const opening = /- id: opening\n[^]*?no: \[(.*)\]/.exec(shipped)?.[1] ?? '';
  const file = scriptOf(scene, 'seal: open, what: the backup medium');
  writeFileSync(file, readFileSync(file, 'utf8').replace('retry, deviation, hold', opening));
  const terminal = await begin(scene, file);
  await terminal.answer('Number of the bag', 'B-1');
  await terminal.answer('Number of its seal', 'S-1');
  await terminal.see('no sealing of the backup medium is on record');
  await terminal.answer('What next', 'deviation');
  await terminal.answer('What is done instead', 'The numbers are those on the paper of the last year.');
  await terminal.answer('Who accepts that', 'Olga');
  expect(await terminal.end()).toBe(0);
});

describe('a plan whose people are not all named', () => {
  const plan = (scene: Scene, ...people: readonly string[]): readonly string[] => {
    const args = ['plan', 'root-generation', '--out', scene.path(`${String(people.length)}.json`)];
    const { json } = mustSucceed(scene.json([...args, ...people.flatMap((one) => ['--person', one])]));
    return json.warnings as readonly string[];
  };

  test('says so before it is approved: nobody, or nobody who could sign', () => {
    const scene = newAuthority();
    expect(plan(scene)).toEqual([
      expect.stringMatching(/^nobody is named .*\(1 administrator, 1 operator, 1 witness\)/),
    ]);
    const some = ['administrator=Adam', 'operator=Olga <olga@example.org>', 'witness=Wanda'];
    expect(plan(scene, ...some)).toEqual([
      expect.stringMatching(/without a principal: Adam \(administrator\), Wanda \(witness\)/),
    ]);
    expect(
      plan(scene, ...some.map((one, i) => (one.includes('<') ? one : `${one} <p${String(i)}>`)), 'witness=Bo <bo>'),
    ).toEqual([]);
    const { stderr, stdout } = mustSucceed(scene.cli(['plan', 'root-generation', '--out', scene.path('text.json')]));
    expect(stderr).toMatch(/^warning: nobody is named/m);
    expect(stdout).not.toContain('warning');
    expect(scene.json(['plan', 'root-generation', '--person', 'witness=Wanda']).json).toMatchObject({
      code: 'bad-people',
    });
  });
});
