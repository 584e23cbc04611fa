/**
 * `status` over the years, from the command line: stages, what is due and overdue, what cron gets, and the calendar as
 * another program reads it.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { cli, type JsonRecord } from '../../support/cli/cli.js';
import { authorityWith, mustSucceed, newAuthority, readTree, type Scene } from '../../support/cli/cli-authority.js';
import { expectJsonRefusal, expectRefusal } from '../../support/cli/cli-errors.js';
import { testWhere, toolTest } from '../../support/machine/tools.js';

const bundle = (n: number): string => `authority/bundles/bundle-${String(n).padStart(6, '0')}.cose`;
const published = (scene: Scene, n: number) => mustSucceed(scene.cli(['bundle', 'published', bundle(n)]));

/** Runs so many days later. */
function later(days: number): { readonly under: string[] } {
  return { under: ['faketime', '-f', `+${String(days)}d`] };
}

function statusAt(scene: Scene, days: number, ...args: string[]): JsonRecord {
  return mustSucceed(scene.json(['status', ...args], later(days))).json;
}

const statesOf = (status: JsonRecord) => (status.credentials as { state: string }[]).map(({ state }) => state);
const kindsOf = (status: JsonRecord, overdue?: boolean) =>
  (status.next as { kind: string; overdue: boolean }[])
    .filter((one) => overdue === undefined || one.overdue === overdue)
    .map(({ kind }) => kind);

describe('stages', () => {
  toolTest('faketime', 'of an intermediate and its successor', () => {
    const scene = authorityWith('bundle');
    published(scene, 1);
    mustSucceed(
      scene.cli(['intermediate', 'rotate', '--not-before', String(Math.floor(Date.now() / 1000) + 30 * 86_400)]),
    );
    expect(statesOf(statusAt(scene, 0))).toEqual(['active', 'active', 'scheduled']);
    expect(statesOf(statusAt(scene, 31))).toEqual(['active', 'active', 'active']);
    expect(statesOf(statusAt(scene, 280))).toEqual(['active', 'issuing-ended', 'active']);
    expect(statesOf(statusAt(scene, 370))).toEqual(['active', 'expired', 'issuing-ended']);
    mustSucceed(scene.cli(['revoke', 'root-1', '--reason', 'superseded']));
    // Whatever a revoked root signed falls with it.
    expect(statesOf(statusAt(scene, 0))).toEqual(['revoked', 'revoked', 'revoked']);
  });

  test('a root that is retired stays so, and what it signed goes with it', () => {
    const scene = authorityWith('bundle');
    published(scene, 1);
    mustSucceed(scene.cli(['root', 'rotate', '--not-after', String(Math.floor(Date.now() / 1000) + 3655 * 86_400)]));
    mustSucceed(scene.cli(['bundle', 'export']));
    expect(statesOf(statusAt(scene, 0))).toEqual(['active', 'active', 'active']);
    mustSucceed(scene.cli(['bundle', 'export', '--retire', 'root-1']));
    expect(statesOf(statusAt(scene, 0))).toEqual(['retired', 'active', 'retired']);
    // Without saying it again.
    const { json } = mustSucceed(scene.json(['bundle', 'export']));
    expect(statesOf(statusAt(scene, 0))).toEqual(['retired', 'active', 'retired']);
    const verified = cli(['bundle', 'verify', json.file as string, '--last', bundle(1), '--json'], {
      cwd: scene.folder,
    });
    expect((JSON.parse(verified.stdout) as JsonRecord).as_credentials).toHaveLength(1);
    // One that was withdrawn retired nobody.
    for (const n of [3, 4]) mustSucceed(scene.cli(['bundle', 'withdraw', bundle(n)]));
    expect(statesOf(statusAt(scene, 0))).toEqual(['active', 'active', 'active']);
  });
});

describe('what is due', () => {
  test('step by step, each with a command that does it', () => {
    const scene = newAuthority();
    const dir = ['as-ceremony', '-C', scene.dir];
    const steps: readonly [string[], string[]][] = [
      [
        ['root', 'intermediate', 'next-bundle'],
        ['root', 'generate'],
      ],
      [
        ['intermediate', 'next-bundle', 'root-successor'],
        ['intermediate', 'request', '--key', 'file:keys/intermediate-1.age'],
      ],
      [
        ['intermediate', 'next-bundle', 'request', 'root-successor'],
        ['intermediate', 'issue', `${scene.dir}/requests/intermediate-1.pem`],
      ],
      [
        ['next-bundle', 'intermediate-successor', 'root-successor'],
        ['bundle', 'export'],
      ],
      [
        ['publish', 'next-bundle', 'intermediate-successor', 'root-successor'],
        ['bundle', 'published', `${scene.dir}/bundles/bundle-000001.cose`],
      ],
      [
        ['next-bundle', 'intermediate-successor', 'root-successor'],
        ['bundle', 'export'],
      ],
    ];
    for (const [kinds, command] of steps) {
      const { next } = mustSucceed(scene.json(['status'])).json as { next: { kind: string; command: string[] }[] };
      expect(next.map(({ kind }) => kind)).toEqual(kinds);
      expect(next[0]?.command).toEqual([...dir, ...command]);
      mustSucceed(scene.cli(command));
    }
  });

  test('a revocation, a successor that nobody knows, and bundles that were overtaken', () => {
    const scene = authorityWith('intermediate');
    mustSucceed(scene.cli(['bundle', 'export', '--series', '3']));
    published(scene, 1);
    mustSucceed(scene.cli(['intermediate', 'rotate']));
    expect(kindsOf(statusAt(scene, 0))).toContain('list');
    mustSucceed(scene.cli(['revoke', 'intermediate-1', '--reason', 'key-compromise']));
    expect(kindsOf(statusAt(scene, 0)).slice(0, 2).sort()).toEqual(['list', 'revocation']);
    mustSucceed(scene.cli(['bundle', 'export']));
    const status = statusAt(scene, 0);
    expect(kindsOf(status)).toEqual(expect.arrayContaining(['publish', 'mark']));
    expect(kindsOf(status)).not.toContain('revocation');
    expect((status.bundles as { stage: string }[]).map(({ stage }) => stage)).toEqual([
      'past',
      'superseded',
      'superseded',
      'current',
    ]);
    published(scene, 4);
    for (const n of [2, 3]) mustSucceed(scene.cli(['bundle', 'withdraw', bundle(n)]));
    expect(kindsOf(statusAt(scene, 0))).toEqual(['next-bundle', 'intermediate-successor', 'root-successor']);
  });

  test('commitments that are used up', () => {
    const scene = authorityWith('intermediate');
    mustSucceed(scene.cli(['bundle', 'export', '--next-root', 'root-1']));
    expect(kindsOf(statusAt(scene, 0))).toContain('commitment');
    const other = authorityWith('intermediate');
    mustSucceed(other.cli(['bundle', 'export', '--next-root', 'ab'.repeat(32)]));
    expect(kindsOf(statusAt(other, 0))).not.toContain('commitment');
  });

  test('a request is due where the root is, and where it was made', () => {
    const scene = authorityWith('root');
    mustSucceed(cli(['init', 'example.org', 'online'], { cwd: scene.folder }));
    mustSucceed(
      cli(
        [
          '-C',
          'online',
          'intermediate',
          'request',
          '--key',
          'file:keys/a.age',
          '--signer',
          'authority/credentials/root-1.pem',
          '--yes',
          '--passphrase-file',
          scene.passphraseFile,
        ],
        { cwd: scene.folder },
      ),
    );
    const { json } = {
      json: JSON.parse(
        mustSucceed(cli(['-C', 'online', 'status', '--json'], { cwd: scene.folder })).stdout,
      ) as JsonRecord,
    };
    expect(json.next).toMatchObject([{ kind: 'request', action: 'have requests/a.pem issued where the root is' }]);
  });
});

describe('clients stay served', () => {
  toolTest('faketime', 'as far as bundles are signed ahead, and overdue when they are not', () => {
    const scene = authorityWith('intermediate');
    mustSucceed(scene.cli(['bundle', 'export', '--series', '4']));
    published(scene, 1);
    const service = (days: number) => statusAt(scene, days).service as JsonRecord;
    expect(service(0)).toMatchObject({ missed_ceremonies: 3, ceremony_every: 'P90D', gaps: [] });
    expect(service(100)).toMatchObject({ missed_ceremonies: 2 });
    const text = mustSucceed(scene.cli(['status'], later(400))).stdout;
    expect(text).toMatch(/clients served until {2}\S+Z, 10 days ago/);
    expect(text).toMatch(/OVERDUE by 10 days \(\S+Z\)\n {4}sign and publish the next bundle/);
    expect(kindsOf(statusAt(scene, 125), true)).toEqual(['publish']);
    mustSucceed(scene.cli(['bundle', 'withdraw', bundle(2)]));
    expect((service(0).gaps as unknown[]).length).toBe(1);
    expect(mustSucceed(scene.cli(['status'])).stdout).toMatch(/^GAP +\S+Z to \S+Z: clients have no bundle$/m);
  });
});

describe('for cron', () => {
  test('silent and 0 if nothing is due in that time, else 1 with all of it', () => {
    const scene = authorityWith('bundle');
    const quiet = scene.cli(['status', '--fail-if-due-within', '30d', '-q']);
    expectRefusal(quiet, { status: 1, code: 'due', says: 'publish bundle 1' });
    expect(quiet.stdout).toBe('');
    published(scene, 1);
    const before = readTree(scene.dir);
    const well = scene.cli(['status', '--fail-if-due-within', '30d', '-q']);
    expect([well.status, well.stdout, well.stderr]).toEqual([0, '', '']);
    expect(mustSucceed(scene.cli(['status', '--fail-if-due-within', '30d'])).stdout).toContain('newest bundle');
    const many = scene.cli(['status', '--fail-if-due-within', 'P2Y', '-q']);
    expectRefusal(many, { status: 1, code: 'due', says: '2 things are due within P2Y, 0 of them overdue' });
    expect(many.stderr).toContain('- intermediate-successor (due): ');
    const { json } = scene.json(['status', '--fail-if-due-within', 'P2Y']);
    expect(json).toMatchObject({ ok: false, code: 'due', as_domain: 'example.org', service: {}, next: [{}, {}, {}] });
    expectJsonRefusal({ ...scene.json(['status', '--fail-if-due-within', 'soon']) }, { status: 2, code: 'usage' });
    expect(readTree(scene.dir)).toEqual(before);
  });
});

const PYTHON = '/usr/bin/python3';
const hasIcalendar = spawnSync(PYTHON, ['-c', 'import icalendar']).status === 0;
const READ = `
import sys, json, icalendar
c = icalendar.Calendar.from_ical(sys.stdin.buffer.read())
print(json.dumps([{"uid": str(e["UID"]), "at": e["DTSTART"].dt.isoformat(), "stamp": e["DTSTAMP"].dt.isoformat(), "summary": str(e["SUMMARY"]),
  "description": str(e["DESCRIPTION"]), "alarms": len([a for a in e.walk("VALARM")])} for e in c.walk("VEVENT")]))
`;

describe('the calendar', () => {
  testWhere(hasIcalendar, 'python3-icalendar', 'is read by another program, event by event', () => {
    const scene = authorityWith('bundle');
    const { json } = mustSucceed(scene.json(['status', '--ics', 'due.ics']));
    expect(json.calendar).toBe(scene.path('due.ics'));
    const file = readFileSync(scene.path('due.ics'));
    const { stdout, stderr } = spawnSync(PYTHON, ['-c', READ], { input: file });
    expect(stderr.toString()).toBe('');
    const events = JSON.parse(stdout.toString()) as Record<string, string | number>[];
    const next = json.next as { action: string; by: string; command: string[] }[];
    expect(events.map(({ at, summary, alarms }) => [at, summary, alarms])).toEqual(
      next.map(({ by, action }) => [by.replace('Z', '+00:00'), `example.org: ${action}`, 2]),
    );
    expect(events.map(({ stamp }) => stamp)).toEqual(next.map(() => (json.at as string).replace('Z', '+00:00')));
    events.forEach(({ description }, i) => {
      expect(description).toContain(`\nBy ${next[i]?.by ?? ''} at the latest.`);
      expect(description).toContain((next[i]?.command ?? []).join(' '));
    });
    expect(new Set(events.map(({ uid }) => uid)).size).toBe(events.length);
    // A later look has the same names for the same things.
    const again = mustSucceed(scene.cli(['status', '--ics', '-']));
    const { stdout: second } = spawnSync(PYTHON, ['-c', READ], { input: again.stdout });
    expect((JSON.parse(second.toString()) as typeof events).map(({ uid }) => uid)).toEqual(
      events.map(({ uid }) => uid),
    );
  });

  test('never takes the place of a file, and shares standard output with nothing', () => {
    const scene = authorityWith('bundle');
    mustSucceed(scene.cli(['status', '--ics', 'due.ics']));
    const before = readFileSync(scene.path('due.ics'));
    expectRefusal(scene.cli(['status', '--ics', 'due.ics']), { status: 3, code: 'file-exists' });
    expect(readFileSync(scene.path('due.ics'))).toEqual(before);
    expectJsonRefusal(scene.json(['status', '--ics', '-']), { status: 2, code: 'usage' });
    expect(existsSync(scene.path('-'))).toBe(false);
    const due = scene.cli(['status', '--ics', '-', '--fail-if-due-within', '1d', '-q']);
    expect([due.status, due.stdout.slice(0, 15), due.stderr.includes('code: due')]).toEqual([
      1,
      'BEGIN:VCALENDAR',
      true,
    ]);
  });
});

test('the time line is for terminals, unless it is asked for', () => {
  const scene = authorityWith('bundle');
  const text = (...args: string[]) => mustSucceed(scene.cli(['status', ...args], { env: { LANG: 'C' } })).stdout;
  expect(text()).not.toContain('issuing deadline');
  expect(text('--timeline', '--no-timeline')).not.toContain('issuing deadline');
  expect(text('--timeline')).toMatch(/^intermediate-1 {2}\|=+D-+$/m);
});
