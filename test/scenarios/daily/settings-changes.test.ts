/**
 * authority.yaml is edited: whoever signs next sees what changed before saying yes, and it goes on record with what is
 * signed.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { cli, type JsonRecord } from '../../support/cli/cli.js';
import { authorityWith, mustSucceed, newAuthority, readTree, type Scene } from '../../support/cli/cli-authority.js';
import { expectRefusal } from '../../support/cli/cli-errors.js';
import { Terminal } from '../../support/cli/cli-terminal.js';
import { toolTest } from '../../support/machine/tools.js';

const CHANGED = 'authority.yaml has changed since it was last recorded:';
const yaml = ({ dir }: Scene): string => join(dir, 'authority.yaml');

function edit(scene: Scene, change: (text: string) => string): void {
  writeFileSync(yaml(scene), change(readFileSync(yaml(scene), 'utf8')));
}

/** The events of the newest transcript, or of the one with this number. */
function transcript(scene: Scene, number?: number): readonly JsonRecord[] {
  const files = readdirSync(join(scene.dir, 'transcripts')).sort();
  const file = files.at(number === undefined ? -1 : number - 1) ?? '';
  const lines = readFileSync(join(scene.dir, 'transcripts', file), 'utf8')
    .trimEnd()
    .split('\n');
  return lines.map((line) => JSON.parse(line) as JsonRecord);
}

const eventsOf = (scene: Scene, name: string, number?: number): readonly JsonRecord[] =>
  transcript(scene, number).filter(({ event }) => event === name);

const UNKNOWN = ['revoke', 'ab'.repeat(32), '--unknown', '--reason', 'unspecified'];

describe('a change of authority.yaml', () => {
  test('init records the settings; the first change after it is shown as a diff, and recorded once', () => {
    const scene = newAuthority();
    expect(eventsOf(scene, 'settings')).toEqual([
      expect.objectContaining({
        path: 'authority.yaml',
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
        values: expect.objectContaining({ domain: 'example.org', key_work_factor: 18 }) as unknown,
      }),
    ]);
    const before = mustSucceed(scene.json(['status'])).json;
    expect(before.settings_changes).toEqual(['key_work_factor: 18 -> 14']);
    const made = mustSucceed(scene.cli(['root', 'generate']));
    const said = made.stderr.indexOf(`${CHANGED}\n  - key_work_factor: 18 -> 14`);
    expect(said).toBeGreaterThanOrEqual(0);
    expect(said).toBeLessThan(made.stderr.indexOf('New AS root credential'));
    expect(transcript(scene).map(({ event }) => event)).toEqual(['start', 'settings', 'sign', 'files', 'end']);
    expect(mustSucceed(scene.json(['status'])).json).not.toHaveProperty('settings_changes');
    const next = mustSucceed(scene.cli(UNKNOWN));
    expect(next.stderr).not.toContain(CHANGED);
    expect(eventsOf(scene, 'settings')).toEqual([]);
  });

  test('each setting by its name, old and new; lists whole', () => {
    const scene = authorityWith('root');
    edit(scene, (text) =>
      text
        .replace('  root: P10Y', '  root: P9Y')
        .replace('  - ed448-sha512\n', '')
        .replace(/^request_age: .*$/m, ''),
    );
    const { stderr } = mustSucceed(scene.cli(UNKNOWN));
    expect(stderr).toContain('  - lifetimes.root: P10Y -> P9Y\n');
    expect(stderr).toMatch(/ {2}- allowed_ciphersuites: (\S+, ){4}ed448-sha512 -> \S+, \S+, \S+, p521-sha512\n/);
    expect(stderr).not.toContain('request_age');
    expect(eventsOf(scene, 'settings')).toMatchObject([{ values: { lifetimes: { root: 'P9Y' } } }]);
  });

  test('a change of comments alone is said to be that', () => {
    const scene = authorityWith('root');
    edit(scene, (text) => `# The board has seen this file.\n${text}`);
    const { stderr } = mustSucceed(scene.cli(UNKNOWN));
    expect(stderr).toContain(`${CHANGED}\n  - only comments or layout changed, no setting\n`);
    expect(mustSucceed(scene.json(['status'])).json).not.toHaveProperty('settings_changes');
  });

  test('an authority whose transcripts never said what the file holds records it at its next change', () => {
    const scene = newAuthority();
    withoutSettingsEvent(scene);
    expect(mustSucceed(scene.cli(['status'])).stdout).toContain('no transcript says yet what it holds');
    mustSucceed(scene.cli(['root', 'generate']));
    expect(eventsOf(scene, 'settings')).toHaveLength(1);
    expect(mustSucceed(scene.json(['status'])).json).not.toHaveProperty('settings_changes');
  });

  test('what is refused records nothing, and the next command says it again', () => {
    const scene = authorityWith('root');
    edit(scene, (text) => text.replace('  client: P90D', '  client: P60D'));
    const before = readTree(scene.dir);
    expectRefusal(scene.cli(['revoke', 'root-9', '--reason', 'unspecified']), {
      status: 1,
      code: 'unknown-credential',
    });
    expect(readTree(scene.dir)).toEqual(before);
    expect(mustSucceed(scene.cli(UNKNOWN)).stderr).toContain('lifetimes.client: P90D -> P60D');
  });

  test('the domain can be mended before there is a root, and never after', () => {
    const rename = (text: string): string => text.replace(/^domain: .*$/m, 'domain: example.net');
    const young = newAuthority('example.org', rename);
    expect(mustSucceed(young.cli(['root', 'generate'])).stderr).toContain('domain: example.org -> example.net');
    const scene = authorityWith('bundle');
    edit(scene, rename);
    const refusal = {
      status: 3,
      code: 'authority-damaged',
      says: /authority\.yaml: its domain is example\.net/,
    } as const;
    for (const args of [['status'], ['root', 'rotate'], UNKNOWN, ['bundle', 'export']])
      expectRefusal(scene.cli(args), refusal);
  });

  toolTest('script', 'a person sees it before the question', async () => {
    const scene = authorityWith('root');
    edit(scene, (text) => text.replace('  client: P90D', '  client: P60D'));
    const terminal = new Terminal(['-C', scene.dir, ...UNKNOWN]);
    await terminal.see('lifetimes.client: P90D -> P60D');
    await terminal.see('A credential is revoked');
    await terminal.answer('type', 'no');
    expect(await terminal.end()).toBe(1);
    expect(mustSucceed(cli(['-C', scene.dir, 'status', '--json'])).stdout).toContain('P90D -> P60D');
  });
});

/** As a version wrote it that knew no such event: the lines are chained anew. */
function withoutSettingsEvent(scene: Scene): void {
  const file = join(scene.dir, 'transcripts/0001-init.jsonl');
  const events = transcript(scene, 1).filter(({ event }) => event !== 'settings');
  let prev = '0'.repeat(64);
  const lines = events.map((event, seq) => {
    const line = JSON.stringify({ ...event, seq, prev });
    prev = createHash('sha256').update(line).digest('hex');
    return `${line}\n`;
  });
  writeFileSync(file, lines.join(''));
}
