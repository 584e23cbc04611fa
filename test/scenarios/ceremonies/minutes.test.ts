/**
 * Minutes: what people read, print and sign after a ceremony, made of real runs, and what a browser and a printer make
 * of them.
 */
import { appendFileSync, cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  approve,
  type CeremonyScene,
  ceremonyScene,
  makePlan,
  PEOPLE,
  runWithPeople,
  signTranscript,
} from '../../support/cli/ceremonies.js';
import { cli } from '../../support/cli/cli.js';
import { authorityWith, mustSucceed, newFolder, type Scene } from '../../support/cli/cli-authority.js';
import { expectJsonRefusal, expectRefusal } from '../../support/cli/cli-errors.js';
import { addCeremony, named, newestTranscript } from '../../support/cli/transcripts.js';
import { evil as evilEvents } from '../../support/events.js';
import {
  browserTests,
  expectFits,
  expectStandsAlone,
  qrCodesOf,
  sheetsOf,
  VIEWS,
} from '../../support/machine/pages.js';
import { hasTool, testWhere } from '../../support/machine/tools.js';

/** The text of a page's body without its tags, in one line. */
function textOf(page: string): string {
  return (page.split('<body>')[1] ?? '')
    .replace(/<wbr \/>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/[“”]|&[lr]dquo;/g, '"')
    .replaceAll('&#39;', "'")
    .replace(/\s+/g, ' ');
}

function minutesOf(scene: Scene, transcript: string, name = 'minutes.html'): string {
  // The authority is the one that the transcript lies in.
  mustSucceed(cli(['transcript', 'minutes', transcript, '--out', scene.path(name)], { cwd: scene.folder }));
  const page = readFileSync(scene.path(name), 'utf8');
  expectStandsAlone(page);
  return page;
}

describe('of a ceremony with people, a No and a deviation', () => {
  let scene: CeremonyScene;
  let page: string;
  const there = hasTool('script') && hasTool('ssh-keygen');
  beforeAll(async () => {
    if (!there) return;
    scene = ceremonyScene();
    makePlan(scene);
    approve(scene, 'adam@example.org');
    await runWithPeople(scene, true);
    signTranscript(scene, 'adam@example.org', 'wanda@example.org');
    page = minutesOf(scene, scene.transcript);
  }, 120_000);
  const peopleTest = (name: string, action: () => void): void =>
    testWhere(there, 'script and ssh-keygen', name, action);
  const section = (id: string): string =>
    textOf(`<body>${page.split(`<h2 id="${id}">`)[1]?.split('<section ')[0] ?? ''}`);

  peopleTest('who, where, when, what, and the head', () => {
    const short = section('short');
    for (const part of [
      'A root in front of people',
      'example.org',
      'real',
      'completed',
      'Place',
      'adam@example.org SHA256:',
    ])
      expect(short).toContain(part);
    expect(short).toMatch(/Began \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ Ended \d{4}/);
    expect(short).toContain('12 of 13 done , 1 deviation');
    const people = section('people');
    for (const [role, name] of PEOPLE) expect(people).toMatch(new RegExp(`${name} ${role}`));
    expect(people).toMatch(/adam@example.org valid/);
    expect(people).toMatch(/olga@example.org missing/);
    const { stdout } = mustSucceed(scene.cli(['transcript', 'show', scene.transcript]));
    const head = /^head ([0-9a-f]{64})/m.exec(stdout)?.[1] ?? '';
    expect(section('head').replaceAll(' ', '')).toContain(head);
  });

  peopleTest('the deviation with who accepted it, and every No, with their lines', () => {
    const lines = readFileSync(scene.transcript, 'utf8').split('\n');
    const at = (event: string): number => lines.findIndex((line) => line.includes(`"event":"${event}"`)) + 1;
    const deviations = section('deviations');
    expect(deviations).toMatch(
      new RegExp(`4 Nobody &lt;b&gt;counts&lt;/b&gt; &amp; all agree .*Wanda Witt .* ${String(at('deviation'))} `),
    );
    expect(deviations).toMatch(new RegExp(`4 NO: the answer is No; then deviation .* ${String(at('no'))} `));
    expect(deviations).toMatch(/5 NO: the answer was not yes/);
    expect(page).not.toContain('<b>counts');
  });

  peopleTest('each step: plan beside fact, with times and answers, twice if it was done twice', () => {
    const steps = page
      .split(/<article class="step[^"]*">/)
      .slice(1)
      .map((one) => textOf(`<body>${one}`));
    expect(steps).toHaveLength(13);
    expect(steps[3]).toMatch(
      /Plan How many people are in the room .* Fact DEVIATION , .*answer "no", administrator \(Adam Alt\)/,
    );
    expect(steps[4]).toMatch(
      /Time 1 of 2 .*NO: the answer was not yes.* Time 2 of 2 .*answer "yes", operator \(Olga Orlow\)/,
    );
    expect(steps[4]).toMatch(/Line Plan Fact domain example.org example.org/);
    expect(steps[5]).toMatch(/from the paper of the witness: equal ?, witness \(Wanda Witt\)/);
    expect(steps[6]).toMatch(/signed by known on the day [0-9a-f]{64}/);
    expect(steps[10]).toMatch(/close: bag B-100, seal S-200/);
    for (const step of steps) expect(step).toMatch(/\d\d:\d\d:\d\dZ/);
  });

  peopleTest('what was signed, the fingerprint in hex and words, and lines for ink for everybody', () => {
    const { stdout } = cli(['fingerprint', join(scene.dir, 'credentials/root-1.pem'), '--json', '--words']);
    const fingerprint =
      (JSON.parse(stdout) as { credentials: { fingerprint: string }[] }).credentials[0]?.fingerprint ?? '';
    expect(section('fingerprints').replaceAll(' ', '')).toContain(fingerprint);
    expect(section('signed')).toMatch(
      /AsCredential .* credentials\/root-1.pem bundle 1 .* bundles\/bundle-000001.cose/,
    );
    expect(section('hierarchy')).toMatch(new RegExp(`Root ${fingerprint.slice(0, 16)} , signed by itself, made here`));
    for (const [, name] of PEOPLE)
      expect(section('signatures')).toMatch(new RegExp(`${name} ?, [a-z]+ signature date place`));
  });

  peopleTest('are the same when they are made again, also from a copy, and never overwritten', () => {
    expect(minutesOf(scene, scene.transcript, 'again.html')).toBe(page);
    expectRefusal(scene.cli(['transcript', 'minutes', scene.transcript, '--out', scene.path('again.html')]), {
      status: 3,
      code: 'file-exists',
    });
    const inside = join(scene.dir, 'minutes.html');
    expectRefusal(scene.cli(['transcript', 'minutes', scene.transcript, '--out', inside]), {
      status: 2,
      code: 'usage',
      says: 'inside the authority',
    });
    const elsewhere = newFolder();
    cpSync(scene.transcript, join(elsewhere, 'copy.jsonl'));
    const args = ['transcript', 'minutes', join(elsewhere, 'copy.jsonl'), '--out', join(elsewhere, 'copy.html')];
    mustSucceed(cli(args, { cwd: elsewhere }));
    const copy = textOf(readFileSync(join(elsewhere, 'copy.html'), 'utf8'));
    expect(copy).toContain('The plan is not at hand; the transcript has:');
    expect(copy).toContain('As the transcript says; the credential itself is not at hand.');
    cpSync(scene.plan, join(elsewhere, 'copy.jsonl.plan.json'));
    mustSucceed(cli([...args.slice(0, 4), join(elsewhere, 'copy2.html')], { cwd: elsewhere }));
    expect(readFileSync(join(elsewhere, 'copy2.html'), 'utf8')).not.toContain('The plan is not at hand');
    appendFileSync(join(elsewhere, 'copy.jsonl.plan.json'), ' ');
    expectRefusal(cli([...args.slice(0, 4), join(elsewhere, 'copy3.html')], { cwd: elsewhere }), {
      status: 1,
      code: 'bad-plan',
    });
  });

  const inBrowser = browserTests();
  for (const view of VIEWS)
    inBrowser(
      `${JSON.stringify(view)}: they fit, and a camera reads fingerprint and head`,
      async (browser) => {
        await expectFits(browser, scene.path('minutes.html'), view);
        const codes = await qrCodesOf(browser);
        if (codes === undefined) return;
        expect(codes).toHaveLength(2);
        for (const code of codes) expect(textOf(page).replaceAll(' ', '')).toContain(code);
      },
      'script',
      'ssh-keygen',
    );

  inBrowser(
    'on paper every sheet has its number and the head that it belongs to',
    async (browser) => {
      const sheets = await sheetsOf(browser, scene.path('minutes.html'));
      const head = mustSucceed(scene.json(['transcript', 'verify', scene.transcript])).json.head as string;
      sheets.forEach((sheet, i) => {
        expect(sheet).toContain(`${String(i + 1)} of ${String(sheets.length)}`);
        expect(sheet).toContain(`head ${head.slice(0, 16)}`);
        expect(sheet).not.toContain('REHEARSAL');
      });
    },
    'script',
    'ssh-keygen',
    'pdftotext',
  );
});

describe('of other transcripts', () => {
  test.each(['root', 'intermediate', 'bundle'] as const)('a single command (%s) has them too', (stage) => {
    const scene = authorityWith(stage);
    const page = textOf(minutesOf(scene, newestTranscript(scene)));
    expect(page).toContain('A single command has no plan to deviate from.');
    expect(page).toMatch(/What was signed .*(AsCredential|IntermediateAsCredential|bundle 1)/);
    expect(page).toMatch(/The hierarchy (Root|Intermediate)/);
  });

  const inBrowser = browserTests();
  inBrowser(
    'a rehearsal says so on every sheet, and on the screen',
    async (browser) => {
      const scene = authorityWith('root');
      mustSucceed(scene.cli(['rehearse', 'intermediate-issuance', '--into', scene.path('practice')]));
      const transcript = newestTranscript({ ...scene, dir: scene.path('practice') });
      const page = minutesOf(scene, transcript);
      expect(page).toContain('<title>REHEARSAL: Minutes');
      const sheets = await sheetsOf(browser, scene.path('minutes.html'));
      for (const sheet of sheets) expect(sheet).toContain('REHEARSAL');
      await expectFits(browser, scene.path('minutes.html'), { width: 390, height: 844, mobile: true });
      expect(await browser.evaluate('document.querySelector(".mark").innerText')).toMatch(/^REHEARSAL/);
    },
    'pdftotext',
  );

  test('what people agreed to, compared and were refused stands in them, in a step too', () => {
    const scene = authorityWith('root');
    const [of, value] = ['the root that they saw', 'ab'.repeat(32)];
    const transcript = addCeremony(scene, {
      events: [
        ['step', { step: 1, of: 1, id: 'a', kind: 'run', title: 'A' }],
        ['agree', { step: 1, changes: ['lifetimes.root: from P10Y to P99Y'], warnings: ['nobody asked for that'] }],
        ['compare', { step: 1, of, value }],
        ['refusal', { step: 1, findings: [{ rule: 'a-rule', code: 'a-code', message: 'the very reason' }] }],
        ['settings', { values: { domain: 'changed.example.org' } }],
      ],
    });
    const page = textOf(minutesOf(scene, transcript)).replaceAll('\u200b', '');
    for (const text of [of, 'from P10Y to P99Y', 'nobody asked for that', 'the very reason', 'changed.example.org'])
      expect(page).toContain(text);
    expect(page.replaceAll(' ', '')).toContain(value);
  });

  test('whatever a transcript says is text', () => {
    const scene = authorityWith('root');
    const evil = '</span><script>alert(1)</script><img src=x onerror=alert(1)>\u202e';
    const frame = ['start', 'end', 'files'];
    const events = [
      ...evilEvents(evil).filter(([event]) => !frame.includes(event)),
      ['files', { files: [named(scene, 'credentials/root-1.pem'), { path: evil, sha256: 'a'.repeat(64) }] }] as const,
    ];
    const transcript = addCeremony(scene, { events });
    const page = minutesOf(scene, transcript);
    expect(page).not.toMatch(/<script|<img|\u202e/);
    expect(page.match(/&lt;script&gt;alert\(1\)&lt;\/script&gt;/g)?.length).toBeGreaterThan(50);
  });

  test('of what does not hold none are made, whatever it is that is wrong', () => {
    const scene = authorityWith('bundle');
    const transcript = newestTranscript(scene);
    const out = scene.path('none.html');
    const minutes = (file: string) => scene.json(['transcript', 'minutes', file, '--out', out]);
    const torn = scene.path('torn.jsonl');
    const text = readFileSync(transcript, 'utf8');
    writeFileSync(torn, text.slice(0, -20));
    expectJsonRefusal(minutes(torn), { status: 1, code: 'bad-transcript' });
    writeFileSync(torn, `${text.split('\n').slice(0, -2).join('\n')}\n`);
    expectJsonRefusal(minutes(torn), { status: 1, code: 'bad-transcript', says: 'incomplete' });
    writeFileSync(`${transcript}.anna.sig`, 'no signature');
    expectJsonRefusal(minutes(transcript), { status: 1, code: 'bad-witness-signature' });
    writeFileSync(join(scene.dir, 'bundles/bundle-000001.cose'), 'another');
    expectJsonRefusal(minutes(transcript), { status: 1, code: 'files-changed', says: '2 things' });
    expectRefusal(scene.cli(['transcript', 'minutes', transcript]), { status: 2, code: 'usage', says: '--out' });
    expect(existsSync(out)).toBe(false);
  });
});
