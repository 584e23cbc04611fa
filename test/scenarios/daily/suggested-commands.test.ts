/**
 * What status and errors suggest is copied as it stands, into a shell in another folder: it works, and does what is
 * due.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { type Ended, type JsonRecord, PROGRAM, shell } from '../../support/cli/cli.js';
import { mustSucceed, newAuthority, type Scene } from '../../support/cli/cli-authority.js';
import { CTRL_C, Terminal } from '../../support/cli/cli-terminal.js';
import { toolTest } from '../../support/machine/tools.js';

/** As -C names it, from a folder beside it; a shell must take it as one word. */
const AT = "../anna's keys";
const WITH_PLANS = (yaml: string) => yaml.replace('require_plan: false', 'require_plan: true');

interface Due {
  readonly kind: string;
  readonly overdue: boolean;
  readonly by_unix: number;
  readonly action: string;
  readonly command?: readonly string[];
  readonly instead?: readonly string[];
}

/** A person in a folder beside an authority that has a quote and a space in its name, so many days later. */
class OperationContext {
  readonly folder: string;
  days = 0;

  constructor(readonly scene: Scene) {
    renameSync(scene.dir, scene.path("anna's keys"));
    this.folder = scene.path('desk');
    mkdirSync(this.folder);
  }

  type(line: string): Ended {
    const late = this.days === 0 ? '' : `faketime -f '+${String(this.days)}d' `;
    return shell(`as-ceremony() { ${late}'${process.execPath}' '${PROGRAM}' "$@"; }\n${line}`, { cwd: this.folder });
  }

  status(): { readonly text: string; readonly next: readonly Due[] } {
    const { stdout } = mustSucceed(this.type(`as-ceremony -C "${AT}" status --json`));
    const text = mustSucceed(this.type(`as-ceremony -C "${AT}" status`)).stdout;
    return { text, next: (JSON.parse(stdout) as JsonRecord).next as readonly Due[] };
  }

  /** The line under the first thing of this kind. */
  lineFor(kind: string): string {
    const { text, next } = this.status();
    const due = next.find((one) => one.kind === kind);
    if (due === undefined) throw new Error(`no ${kind} is due: ${next.map((one) => one.kind).join(', ')}`);
    const lines = text.slice(text.indexOf(`    ${due.action}\n`)).split('\n');
    const line = lines[1]?.trim() ?? '';
    expect(line).toMatch(/^as-ceremony -C /);
    return line;
  }

  /** Types the line; where it plans, runs the plan as well. Gives the line. */
  follow(kind: string): string {
    const line = this.lineFor(kind);
    const secret = `--yes --passphrase-file '${this.scene.passphraseFile}'`;
    const made = mustSucceed(this.type(`${line} ${line.includes(' plan ') ? '' : secret}`));
    if (!line.includes(' plan ')) return line;
    const next = /^Then, inside the window: (.*)$/m.exec(made.stdout)?.[1] ?? '';
    mustSucceed(this.type(`${next} ${secret}`));
    for (const file of readdirSync(this.folder)) rmSync(`${this.folder}/${file}`);
    return line;
  }
}

describe('where nothing is signed without a plan', () => {
  toolTest(
    'faketime',
    'status plans what is due by the ceremony that fits, over the life of a root',
    () => {
      const context = new OperationContext(newAuthority('example.org', WITH_PLANS));
      const at = String.raw`as-ceremony -C '${AT.replace("'", String.raw`'\''`)}'`;
      const near = at.replace('../', context.scene.path('').replace(/\/?$/, '/'));
      const lines = (kind: string) => context.follow(kind).replace(near, 'AT').replace(at, 'AT');
      expect(lines('root')).toBe('AT plan root-generation --set key=file:keys/root-1.age');
      expect(lines('publish')).toMatch(/^AT bundle published /);
      expect(lines('intermediate')).toBe('AT plan intermediate-issuance --set key=file:keys/intermediate-1.age');
      expect(lines('publish')).toMatch(/^AT bundle published /);
      context.days = 80;
      mustSucceed(context.type(`as-ceremony -C "${AT}" revoke intermediate-1 --reason key-compromise --yes`));
      expect(lines('revocation')).toBe('AT plan bundle-series --set key=file:keys/root-1.age --set count=1');
      expect(lines('publish')).toMatch(/^AT bundle published /);
      expect(lines('intermediate')).toBe('AT plan intermediate-issuance --set key=file:keys/intermediate-2.age');
      expect(lines('publish')).toMatch(/^AT bundle published /);
      context.days = 300;
      expect(lines('intermediate-successor')).toBe(
        'AT plan intermediate-rotation --set key=file:keys/intermediate-3.age',
      );
      expect(lines('publish')).toMatch(/^AT bundle published /);
      // The next is signed when the last one is about to be over.
      context.days = 400;
      expect(lines('next-bundle')).toBe('AT plan bundle-series --set key=file:keys/root-1.age');
      expect(lines('publish')).toMatch(/^AT bundle published /);
      expect(
        readdirSync(context.scene.path("anna's keys/bundles")).filter((name) => name.endsWith('.cose')),
      ).toHaveLength(9);
      // JSON and the calendar say the same.
      const { next } = context.status();
      expect(next.find(({ kind }) => kind === 'root-successor')?.command).toEqual([
        'as-ceremony',
        '-C',
        context.scene.path("anna's keys"),
        ...['plan', 'root-rotation', '--set', 'key=file:keys/root-2.age'],
      ]);
      const calendar = mustSucceed(context.type(`as-ceremony -C "${AT}" status --ics -`)).stdout.replaceAll(
        '\r\n ',
        '',
      );
      expect(calendar).toContain('plan root-rotation --set key=file:keys/root-2.age');
      expect(calendar).not.toMatch(/ root rotate/);
    },
    120_000,
  );

  test('a root is retired by a plan, too', () => {
    const context = new OperationContext(newAuthority());
    const secret = `--yes --passphrase-file '${context.scene.passphraseFile}'`;
    const now = String(Math.floor(Date.now() / 1000) + 3655 * 86_400);
    const run = (line: string) => mustSucceed(context.type(`as-ceremony -C "${AT}" ${line} ${secret}`));
    for (const line of ['root generate', 'bundle export', `root rotate --not-after ${now}`, 'bundle export']) run(line);
    const settings = `"${AT}/authority.yaml"`;
    mustSucceed(context.type(`sed -i 's/require_plan: false/require_plan: true/' ${settings}`));
    const due = context.status().next.find(({ kind }) => kind === 'retire-root');
    expect(due?.command?.slice(3)).toEqual([
      ...['plan', 'bundle-series', '--set', 'key=file:keys/root-2.age', '--set', 'count=1', '--set', 'retire=root-1'],
    ]);
    const words = (due?.command ?? []).map((word) => `"${word}"`).join(' ');
    const made = mustSucceed(context.type(words.replace('"as-ceremony"', 'as-ceremony')));
    const next = /^Then, inside the window: (.*)$/m.exec(made.stdout)?.[1] ?? '';
    mustSucceed(context.type(`${next} ${secret}`));
    expect(context.status().text).toMatch(/root-1 .*retired/);
  });

  test('what no ceremony does is said, with no command that would be refused', () => {
    const context = new OperationContext(newAuthority('example.org', WITH_PLANS));
    expect(context.follow('root')).toContain('plan root-generation');
    const requests = context.scene.path("anna's keys/requests/online.pem");
    const other = newAuthority();
    mustSucceed(other.cli(['root', 'generate']));
    mustSucceed(
      other.cli(['intermediate', 'request', '--key', 'file:keys/x.age', '--out', context.scene.path('r.pem')]),
    );
    renameSync(context.scene.path('r.pem'), requests);
    const due = context.status().next.find(({ kind }) => kind === 'request');
    expect(due?.command).toBeUndefined();
    expect(due?.action).toContain('the step intermediate issue requests/online.pem');
  });
});

describe('an interrupted ceremony', () => {
  async function interrupted(): Promise<OperationContext> {
    const context = new OperationContext(newAuthority());
    const clock = new Date().toISOString().slice(0, 16).replace('T', ' ');
    const given = ['--passphrase-file', context.scene.passphraseFile, '--clock', clock];
    const terminal = new Terminal(['-C', AT, 'run', 'root-generation', ...given], { cwd: context.folder });
    for (const role of ['administrator', 'operator', 'witness']) await terminal.answer(`who is ${role}`, role);
    await terminal.see('Read aloud');
    terminal.type(CTRL_C);
    await terminal.answer('Stop the ceremony here', 'stop');
    expect(await terminal.end()).toBe(130);
    expect(terminal.text).toMatch(/hint: Resume it: as-ceremony -C '.*' resume/);
    return context;
  }

  toolTest('script', 'is shown with the command that goes on, and that works', async () => {
    const context = await interrupted();
    const line = context.lineFor('unfinished-transcript');
    expect(line).toMatch(/ resume$/);
    const secret = `--yes --passphrase-file '${context.scene.passphraseFile}'`;
    mustSucceed(context.type(`${line} ${secret}`));
    expect(context.status().text).toMatch(/root-1 .*active/);
    expect(context.status().next.map(({ kind }) => kind)).not.toContain('unfinished-transcript');
  });

  toolTest(
    'script',
    'and with the one that ends it; errors that stand in its way name both, with the folder',
    async () => {
      const context = await interrupted();
      const { text, next } = context.status();
      const due = next.find(({ kind }) => kind === 'unfinished-transcript');
      expect([due?.command?.slice(3), due?.instead?.slice(3)]).toEqual([['resume'], ['resume', '--abort']]);
      const calendar = mustSucceed(context.type(`as-ceremony -C "${AT}" status --ics -`)).stdout.replaceAll(
        '\r\n ',
        '',
      );
      expect(calendar).toContain(' resume --abort');
      const secret = `--yes --passphrase-file '${context.scene.passphraseFile}'`;
      const refused = context.type(`as-ceremony -C "${AT}" root generate ${secret}`);
      const abort = /as-ceremony -C \S.* resume --abort/;
      const hint = /^hint: .*; or: (as-ceremony -C .* resume --abort)$/m.exec(refused.stderr)?.[1] ?? '';
      expect(hint).toMatch(abort);
      expect(text.split('\n').map((line) => line.trim())).toContainEqual(expect.stringMatching(abort));
      mustSucceed(context.type(`${hint} ${secret}`));
      expect(context.status().next.map(({ kind }) => kind)).not.toContain('unfinished-transcript');
      expect(readFileSync(context.scene.path("anna's keys/transcripts/0002-run.jsonl"), 'utf8')).toContain('"aborted"');
    },
  );
});
