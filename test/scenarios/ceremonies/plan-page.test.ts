/**
 * A plan for print: the paper that people follow, in plain text and as a page, and what a browser and a printer make of
 * it.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { mustSucceed, newAuthority, type Scene } from '../../support/cli/cli-authority.js';
import { expectJsonRefusal, expectRefusal } from '../../support/cli/cli-errors.js';
import {
  browserTests,
  expectFits,
  expectStandsAlone,
  qrCodesOf,
  sheetsOf,
  VIEWS,
} from '../../support/machine/pages.js';

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
  test('is self-contained, and has the steps of the plain text, each with a place for initials, time and exceptions', () => {
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
    for (const step of changed.steps) step.text = `${evil}\u202e`;
    writeFileSync(scene.path('evil.json'), JSON.stringify(changed, undefined, 2));
    mustSucceed(scene.cli(['plan', scene.path('evil.json'), '--print', scene.path('evil.html')]));
    const made = readFileSync(scene.path('evil.html'), 'utf8');
    expectStandsAlone(made);
    expect(made).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(made).not.toContain('\u202e');
  });

  test.each([
    ['steps', (json: { steps: unknown[] }) => (json.steps[0] = null), 'step 1: is not a group of fields'],
    [
      'steps[3].previews',
      (json: { steps: { previews?: unknown }[] }) => Object.assign(json.steps[3] ?? {}, { previews: [{ title: 'x' }] }),
      'step 4: previews.1.rows is missing',
    ],
    [
      'steps[0].text',
      (json: { steps: { text?: unknown }[] }) => Object.assign(json.steps[0] ?? {}, { text: 7 }),
      'step 1: text is not a text',
    ],
    ['people', (json: { people?: unknown }) => (json.people = [{ name: 'Anna' }]), 'people'],
    [
      'people[0].name',
      (json: { people?: unknown }) => (json.people = [{ name: 'An\u001b[2Jna', role: 'operator' }]),
      'cannot be one of the people',
    ],
    [
      'people without end',
      (json: { people?: unknown }) =>
        (json.people = Array.from({ length: 20_000 }, (_, i) => ({ name: `N${String(i)}`, role: 'operator' }))),
      'people has more than 128 entries',
    ],
    [
      'window',
      (json: { window?: unknown }) => (json.window = { from: 'x', until: 'y' }),
      'window.from is not a time in UTC',
    ],
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

describe('the plain text', () => {
  test('has no line that an 80-column terminal or printer would break, whatever the plan holds, and loses nothing of it', () => {
    const key = `pkcs11:token=${'a%20long%20name'.repeat(12)};object=root`;
    const name = 'Wanda Maria Theodora Witt-Wolkenstein of Oberbuchsiten and Niederbuchsiten, the second of that name';
    const args = ['plan', plan, '--print'];
    const changed = JSON.parse(readFileSync(plan, 'utf8')) as Record<string, unknown> & {
      steps: Record<string, unknown>[];
    };
    Object.assign(changed, { title: 'A title '.repeat(15).trim(), domain: `${'a'.repeat(60)}.${'b'.repeat(60)}.org` });
    changed.parameters = { key };
    changed.people = [{ name, role: 'witness' }, ...(changed.people as unknown[])];
    Object.assign(changed.steps[0] ?? {}, { id: 'i'.repeat(70), text: '\u200b'.repeat(30), writes: ['w'.repeat(200)] });
    writeFileSync(scene.path('wide.json'), JSON.stringify(changed));
    mustSucceed(scene.cli(['plan', scene.path('wide.json'), '--print', scene.path('wide.txt')]));
    mustSucceed(scene.cli([...args, scene.path('narrow.txt')]));
    for (const file of ['wide.txt', 'narrow.txt'])
      for (const line of readFileSync(scene.path(file), 'utf8').split('\n')) expect(line.length).toBeLessThan(80);
    const wide = readFileSync(scene.path('wide.txt'), 'utf8').replace(/\s/g, '');
    for (const whole of [
      key,
      name,
      String(changed.title).toUpperCase(),
      changed.domain,
      'i'.repeat(70),
      'w'.repeat(200),
    ])
      expect(wide).toContain(String(whole).replace(/\s/g, ''));
    expect(readFileSync(scene.path('narrow.txt'), 'utf8')).toMatch(/^ {2}witness {9}Wanda Witt {3}signature: _+$/m);
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
