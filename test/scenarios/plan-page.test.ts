/** A plan for print: the paper that people follow, in plain text and as a page, and what a browser and a printer make of it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { mustSucceed, newAuthority, type Scene } from '../support/cli-authority.js';
import { expectJsonRefusal, expectRefusal } from '../support/cli-errors.js';
import { browserTests, expectFits, expectStandsAlone, qrCodesOf, sheetsOf, VIEWS } from '../support/pages.js';

let scene: Scene;
let plan: string;
let page: string;
beforeAll(() => {
  scene = newAuthority();
  plan = scene.path('plan.json');
  const people = ['administrator=Adam Alt', 'operator=Olga Orlow', 'witness=Wanda Witt <wanda>'];
  const args = [
    'plan',
    'root-generation',
    '--out',
    plan,
    '--print',
    scene.path('plan.html'),
    '--print',
    scene.path('plan.txt'),
  ];
  mustSucceed(scene.cli([...args, ...people.flatMap((one) => ['--person', one])]));
  page = readFileSync(scene.path('plan.html'), 'utf8');
}, 60_000);

describe('the page', () => {
  test('stands alone, and has the steps of the plain text with a place for initials, time and exceptions each', () => {
    expectStandsAlone(page);
    const steps = [...readFileSync(scene.path('plan.txt'), 'utf8').matchAll(/^(Step \d+ of \d+)/gm)].map(
      ([step]) => step,
    );
    expect(steps).toHaveLength(14);
    const articles = page.split('<article class="step">').slice(1);
    expect(articles.map((one) => /Step \d+ of \d+/.exec(one)?.[0])).toEqual(steps);
    for (const one of articles)
      for (const blank of ['initials', 'time \\(UTC\\)', 'exceptions'])
        expect(one).toMatch(new RegExp(`<span[^>]*>${blank}</span>`));
    for (const name of ['Adam Alt', 'Olga Orlow', 'Wanda Witt']) expect(page).toContain(`<strong>${name}</strong>`);
    expect(page).not.toContain('REHEARSAL');
  });

  test('is the same, byte for byte, when a plan is printed again, and nothing is overwritten', () => {
    mustSucceed(scene.cli(['plan', plan, '--print', scene.path('again.html')]));
    expect(readFileSync(scene.path('again.html'), 'utf8')).toBe(page);
    expectRefusal(scene.cli(['plan', plan, '--print', scene.path('again.html')]), { status: 3, code: 'file-exists' });
  });

  test('holds whatever a plan says as text', () => {
    const evil = '</p><script>alert(1)</script><img src=x onerror=alert(1)>';
    const changed = JSON.parse(readFileSync(plan, 'utf8')) as Record<string, unknown> & {
      steps: Record<string, unknown>[];
    };
    changed.title = evil;
    changed.ceremony = evil;
    changed.people = [{ name: evil, role: evil }];
    for (const step of changed.steps) step.text = `${evil}\u202e`;
    writeFileSync(scene.path('evil.json'), JSON.stringify(changed, undefined, 2));
    mustSucceed(scene.cli(['plan', scene.path('evil.json'), '--print', scene.path('evil.html')]));
    const made = readFileSync(scene.path('evil.html'), 'utf8');
    expectStandsAlone(made);
    expect(made).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(made).not.toContain('\u202e');
  });

  test.each([
    ['steps', (json: { steps: unknown[] }) => (json.steps[0] = null), 'step 1 is not there'],
    [
      'steps[3].previews',
      (json: { steps: { previews?: unknown }[] }) => Object.assign(json.steps[3] ?? {}, { previews: [{ title: 'x' }] }),
      'step 4: previews',
    ],
    [
      'steps[0].text',
      (json: { steps: { text?: unknown }[] }) => Object.assign(json.steps[0] ?? {}, { text: 7 }),
      'step 1: text',
    ],
    ['people', (json: { people?: unknown }) => (json.people = [{ name: 'Anna' }]), 'people'],
    ['window', (json: { window?: unknown }) => (json.window = { from: 'x', until: 'y' }), 'a time'],
  ] as const)('is not made of a plan whose %s has another form', (_name, spoil, says) => {
    const changed = JSON.parse(readFileSync(plan, 'utf8')) as never;
    (spoil as (json: never) => unknown)(changed);
    writeFileSync(scene.path('bad.json'), JSON.stringify(changed));
    expectJsonRefusal(scene.json(['plan', scene.path('bad.json'), '--print', scene.path('bad.html')]), {
      status: 1,
      code: 'bad-plan',
      says,
    });
  });
});

describe('in a browser', () => {
  const inBrowser = browserTests();
  const sha256 = (): string => createHash('sha256').update(readFileSync(plan)).digest('hex');

  for (const view of VIEWS) {
    inBrowser(`${JSON.stringify(view)}: it fits, and a camera reads the plan's hash`, async (browser) => {
      await expectFits(browser, scene.path('plan.html'), view);
      const codes = await qrCodesOf(browser);
      if (codes !== undefined) expect(codes).toEqual([sha256()]);
    });
  }

  inBrowser(
    'on paper no step is torn, and each sheet has its number and the plan it belongs to',
    async (browser) => {
      const sheets = await sheetsOf(browser, scene.path('plan.html'));
      sheets.forEach((sheet, i) => {
        expect(sheet).toContain(`${String(i + 1)} of ${String(sheets.length)}`);
        expect(sheet).toContain(`Plan ${sha256().slice(0, 16)}`);
        const [begun, blanks] = [/^ *Step \d/gm, /^ *initials +time/gm].map((one) => [...sheet.matchAll(one)].length);
        expect(begun).toBe(blanks);
      });
      expect(sheets.join('').match(/Step \d+ of 14/g)).toHaveLength(14);
    },
    'pdftotext',
  );

  inBrowser(
    'the plan of a rehearsal says so on each sheet',
    async (browser) => {
      mustSucceed(scene.cli(['rehearse', 'root-generation', '--into', scene.path('practice')]));
      const made = scene.path('practice/transcripts/0002-rehearse.jsonl.plan.json');
      mustSucceed(scene.cli(['plan', made, '--print', scene.path('rehearsal.html')]));
      expectStandsAlone(readFileSync(scene.path('rehearsal.html'), 'utf8'));
      const sheets = await sheetsOf(browser, scene.path('rehearsal.html'));
      for (const sheet of sheets) expect(sheet.match(/REHEARSAL/g)?.length).toBeGreaterThanOrEqual(1);
      await expectFits(browser, scene.path('rehearsal.html'), { width: 390, height: 844, mobile: true });
      expect(await browser.evaluate('document.querySelector(".mark").innerText')).toMatch(/^REHEARSAL/);
    },
    'pdftotext',
  );
});
