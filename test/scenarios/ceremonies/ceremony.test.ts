/** Scripted ceremonies as people run them: plans, approvals, No, a break of the power, rehearsals. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { cli } from '../../support/cli/cli.js';
import { authorityWith, mustSucceed, newAuthority, type Scene } from '../../support/cli/cli-authority.js';
import { CTRL_C, Terminal } from '../../support/cli/cli-terminal.js';
import { linesOf, outcomesOf } from '../../support/cli/transcripts.js';
import { toolTest } from '../../support/machine/tools.js';

const RUN = 'transcripts/0002-run.jsonl';
const events = (scene: Scene, file = RUN): string[] => linesOf(join(scene.dir, file)).map(({ event }) => event);

/** A key for ssh-keygen without a passphrase, and its line for allowed_signers. */
function sshKey(scene: Scene, name: string): string {
  const key = scene.path(`ssh-${name}`);
  spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', key]);
  return key;
}

function approve(plan: string, key: string, principal: string): void {
  spawnSync('ssh-keygen', ['-q', '-Y', 'sign', '-n', 'as-ceremony-plan', '-f', key, plan]);
  renameSync(`${plan}.sig`, `${plan}.${principal}.sig`);
}

describe('without people', () => {
  test('a root ceremony makes a root and a bundle, and says what nobody did', () => {
    const scene = newAuthority();
    const { json } = mustSucceed(scene.json(['run', 'root-generation']));
    expect(json.transcript).toBe(join(scene.dir, RUN));
    const backup = ['backup-in', 'backup-copy', 'backup-check', 'backup-out', 'backup-seal'];
    expect(outcomesOf(join(scene.dir, RUN)).filter(([, outcome]) => outcome !== 'done')).toEqual([
      ...['welcome', 'clock', 'fingerprint'].map((id) => [id, 'not-done']),
      ...backup.map((id) => [id, 'left-out']),
    ]);
    const root = join(scene.dir, 'credentials/root-1.pem');
    mustSucceed(cli(['bundle', 'verify', join(scene.dir, 'bundles/bundle-000001.cose'), '--trust', root]));
    mustSucceed(scene.cli(['transcript', 'verify', join(scene.dir, RUN)]));
    mustSucceed(scene.cli(['ledger', 'verify']));
  });

  test('in a state that the script does not need, nothing happens', () => {
    const scene = authorityWith('root');
    expect(scene.json(['run', 'root-generation']).json).toMatchObject({ ok: false, code: 'wrong-state' });
    expect(readdirSync(join(scene.dir, 'transcripts'))).toHaveLength(2);
  });
});

describe('a plan', () => {
  test('is the same for the same authority, and tables and hashes are in it', () => {
    const scene = authorityWith('request');
    const args = (out: string): string[] => [
      'plan',
      'intermediate-issuance',
      '--set',
      'key=file:keys/intermediate-2.age',
      '--out',
      scene.path(out),
    ];
    mustSucceed(scene.cli([...args('a.json'), '--from', '2030-01-01', '--print', scene.path('a.txt')]));
    const plan = JSON.parse(readFileSync(scene.path('a.json'), 'utf8')) as {
      steps: {
        id: string;
        signs?: { what: string; signed_sha256: string | null }[];
        previews?: { rows: [string, string | null][] }[];
      }[];
    };
    const issue = plan.steps.find(({ id }) => id === 'intermediate');
    expect(issue?.signs).toEqual([{ what: 'IntermediateAsCredential', signed_sha256: null }]);
    expect(issue?.previews?.[0]?.rows.find(([label]) => label === 'valid from')?.[1]).toBe('2029-12-31T23:45:00Z');
    expect(issue?.previews?.[0]?.rows.find(([label]) => label === 'public key')?.[1]).toBeNull();
    expect(readFileSync(scene.path('a.txt'), 'utf8')).toContain('initials: ________');
  });

  test('is refused outside its window, and if the authority has changed', () => {
    const scene = newAuthority();
    const plan = scene.path('plan.json');
    mustSucceed(scene.cli(['plan', 'root-generation', '--from', '2030-01-01', '--out', plan]));
    expect(scene.json(['run', plan]).json).toMatchObject({ code: 'outside-window' });
    const now = scene.path('now.json');
    mustSucceed(scene.cli(['plan', 'root-generation', '--out', now]));
    const yaml = join(scene.dir, 'authority.yaml');
    writeFileSync(yaml, readFileSync(yaml, 'utf8').replace('root: P10Y', 'root: P9Y'));
    expect(scene.json(['run', now]).json).toMatchObject({ code: 'plan-outdated' });
    writeFileSync(yaml, readFileSync(yaml, 'utf8').replace('root: P9Y', 'root: P10Y'));
    mustSucceed(scene.json(['run', now]));
  });

  test('that somebody changed is not run', () => {
    const scene = newAuthority();
    const plan = scene.path('plan.json');
    mustSucceed(scene.cli(['plan', 'root-generation', '--out', plan]));
    writeFileSync(plan, readFileSync(plan, 'utf8').replace('"title": "The first AS root"', '"title": "Another"'));
    expect(scene.json(['run', plan]).json.code).toBe('plan-outdated');
    expect(existsSync(join(scene.dir, RUN))).toBe(false);
  });

  test('that somebody made by other means is printed without what moves a cursor or turns words around', () => {
    const scene = newAuthority();
    const [plan, paper] = [scene.path('plan.json'), scene.path('paper.txt')];
    mustSucceed(scene.cli(['plan', 'root-generation', '--out', plan]));
    const hostile = readFileSync(plan, 'utf8').replace(
      'The first AS root"',
      String.raw`The\u001b[2J\u0007\u202e first AS root"`,
    );
    writeFileSync(plan, hostile);
    const { stdout } = scene.cli(['plan', plan]);
    mustSucceed(scene.cli(['plan', plan, '--print', paper]));
    for (const text of [stdout, readFileSync(paper, 'utf8')]) {
      expect(text).toContain('THE\\u{1b}[2J\\u{7}\\u{202e} FIRST AS ROOT');
      expect(text).not.toMatch(/[^\P{C}\n]/u);
    }
  });

  test.each(['\u001b]0;x\u0007', '\u202e', '\n', '\u200d'])('takes no value with %j in it', (hidden) => {
    const scene = newAuthority();
    const { json } = scene.json(['plan', 'restore-drill', '--set', `backup=file:/x${hidden}y.age`]);
    expect(json).toMatchObject({
      code: 'usage',
      message: expect.stringMatching(/parameter backup.*control character U\+/) as unknown,
    });
  });

  toolTest('ssh-keygen', 'that two must approve is not run on two names of one person, nor on names like *', () => {
    const scene = newAuthority('example.org', (yaml) => yaml.replace('approvals: 0', 'approvals: 2'));
    const [work, home, bert] = [sshKey(scene, 'work'), sshKey(scene, 'home'), sshKey(scene, 'bert')];
    const line = (name: string, key: string): string => `${name} ${readFileSync(`${key}.pub`, 'utf8').trim()}\n`;
    const allowed = join(scene.dir, 'allowed_signers');
    writeFileSync(allowed, line('*', work) + line('bert', bert));
    const plan = scene.path('plan.json');
    const refusal = scene.json(['plan', 'root-generation', '--out', plan]);
    expect(refusal).toMatchObject({ status: 1, json: { code: 'wildcard-principal' } });
    // Whoever holds the key of an authority could approve under every name that it certifies.
    writeFileSync(allowed, line('anna cert-authority', work) + line('bert cert-authority', work));
    expect(scene.json(['plan', 'root-generation', '--out', plan]).json).toMatchObject({ code: 'bad-signer-line' });
    // Anna has two keys, and two names on the line of one of them.
    writeFileSync(allowed, line('anna,ann', work) + line('ann', home) + line('bert', bert));
    mustSucceed(scene.cli(['plan', 'root-generation', '--out', plan]));
    approve(plan, work, 'anna');
    approve(plan, home, 'ann');
    const { json } = scene.json(['run', plan]);
    expect(json).toMatchObject({
      code: 'bad-approval',
      message: expect.stringContaining('the same person') as unknown,
    });
    expect(existsSync(join(scene.dir, RUN))).toBe(false);
    renameSync(`${plan}.ann.sig`, scene.path('away'));
    approve(plan, bert, 'bert');
    mustSucceed(scene.json(['run', plan]));
  });

  toolTest('ssh-keygen', 'that two must approve is not run with one, with one twice, or with another namespace', () => {
    const scene = newAuthority('example.org', (yaml) => yaml.replace('approvals: 0', 'approvals: 2'));
    expect(scene.json(['root', 'generate']).json).toMatchObject({ code: 'plan-required' });
    expect(scene.json(['run', 'root-generation']).json).toMatchObject({ code: 'plan-required' });
    const [anna, bert] = [sshKey(scene, 'anna'), sshKey(scene, 'bert')];
    const line = (name: string, key: string): string => `${name} ${readFileSync(`${key}.pub`, 'utf8').trim()}\n`;
    const allowed = join(scene.dir, 'allowed_signers');
    const signers = line('anna', anna) + line('twin', anna) + line('bert', bert);
    writeFileSync(allowed, signers);
    const plan = scene.path('plan.json');
    mustSucceed(scene.cli(['plan', 'root-generation', '--out', plan]));
    expect(scene.json(['run', plan]).json).toMatchObject({ code: 'too-few-approvals' });
    writeFileSync(allowed, `${signers}# more\n`);
    expect(scene.json(['run', plan]).json).toMatchObject({ code: 'plan-outdated' });
    writeFileSync(allowed, signers);
    approve(plan, anna, 'anna');
    expect(scene.json(['run', plan]).json).toMatchObject({ code: 'too-few-approvals' });
    approve(plan, anna, 'twin');
    expect(scene.json(['run', plan]).json).toMatchObject({ code: 'bad-approval' });
    renameSync(`${plan}.twin.sig`, scene.path('away'));
    spawnSync('ssh-keygen', ['-q', '-Y', 'sign', '-n', 'file', '-f', bert, plan]);
    renameSync(`${plan}.sig`, `${plan}.bert.sig`);
    expect(scene.json(['run', plan]).json).toMatchObject({ code: 'bad-approval' });
    expect(existsSync(join(scene.dir, RUN))).toBe(false);
    renameSync(`${plan}.bert.sig`, scene.path('away2'));
    approve(plan, bert, 'bert');
    mustSucceed(scene.json(['run', plan]));
    const approvals = linesOf(join(scene.dir, RUN)).find(({ event }) => event === 'plan')?.approvals;
    expect(approvals).toMatchObject([{ principal: 'anna' }, { principal: 'bert' }]);
    mustSucceed(scene.cli(['transcript', 'verify', join(scene.dir, RUN)]));
  });
});

toolTest(
  'ssh-keygen',
  'what let a ceremony begin must still hold when it is gone on with; else it can be ended',
  () => {
    const scene = newAuthority('example.org', (yaml) => yaml.replace('approvals: 0', 'approvals: 1'));
    const anna = sshKey(scene, 'anna');
    const allowed = `anna namespaces="as-ceremony" ${readFileSync(`${anna}.pub`, 'utf8').trim()}\n`;
    const good = allowed.replace('as-ceremony', 'as-ceremony,as-ceremony-plan');
    writeFileSync(join(scene.dir, 'allowed_signers'), allowed);
    const script = scene.path('held.yaml');
    const steps = [
      '  - { id: machine, check: [preflight, authority], by: operator, no: [hold] }',
      '  - { id: root, run: root generate, by: operator, no: [hold] }',
    ];
    const head = ['version: 1', 'title: Held', 'purpose: To be held', 'roles: { operator: { people: 1 } }', 'steps:'];
    writeFileSync(script, [...head, ...steps, ''].join('\n'));
    const plan = scene.path('plan.json');
    mustSucceed(scene.cli(['plan', script, '--out', plan]));
    approve(plan, anna, 'anna');
    const refusal = scene.json(['run', plan]);
    expect(refusal.json).toMatchObject({ code: 'bad-approval' });
    expect(refusal.stdout).toMatch('does not let anna sign in the namespace as-ceremony-plan');
    writeFileSync(join(scene.dir, 'allowed_signers'), good);
    renameSync(plan, scene.path('old.json'));
    mustSucceed(scene.cli(['plan', script, '--out', plan]));
    renameSync(`${plan}.anna.sig`, scene.path('old.sig'));
    approve(plan, anna, 'anna');
    expect(scene.json(['run', plan, '--clock', '2001-01-01T00:00:00Z']).json).toMatchObject({ code: 'held' });

    const yaml = join(scene.dir, 'authority.yaml');
    const settings = readFileSync(yaml, 'utf8');
    writeFileSync(yaml, settings.replace('clock-typed: refuse', 'clock-typed: ignore'));
    expect(scene.json(['resume']).json).toMatchObject({ code: 'plan-outdated' });
    writeFileSync(yaml, settings);
    const approval = join(scene.dir, `${RUN}.plan.json.anna.sig`);
    renameSync(approval, scene.path('approval'));
    expect(scene.json(['resume']).json).toMatchObject({ code: 'authority-damaged' });
    expect(existsSync(join(scene.dir, 'credentials/root-1.pem'))).toBe(false);
    renameSync(scene.path('approval'), approval);
    mustSucceed(scene.json(['resume', '--abort']));
    expect(linesOf(join(scene.dir, RUN)).at(-1)).toMatchObject({ event: 'end', outcome: 'aborted' });
    expect(scene.json(['resume']).json).toMatchObject({ code: 'no-ceremony' });
  },
);

/** Step by step until the one that is waited for; everything is answered with yes. */
async function answerUntil(terminal: Terminal, until: string): Promise<void> {
  for (const [question, answer] of [
    ['Read aloud', ''],
    ['attest to this', 'yes'],
  ] as const) {
    if (question === until) return;
    await terminal.answer(question, answer);
  }
}

describe('with people', () => {
  const args = (scene: Scene, ...more: string[]): string[] => [
    '-C',
    scene.dir,
    ...more,
    '--passphrase-file',
    scene.passphraseFile,
    '--clock',
    new Date().toISOString().slice(0, 16).replace('T', ' '),
  ];

  toolTest('script', 'No is heeded, Ctrl-C asks, and resume continues where it stopped', async () => {
    const scene = newAuthority();
    const terminal = new Terminal(args(scene, 'run', 'root-generation'), { cwd: scene.folder });
    for (const role of ['administrator', 'operator', 'witness']) await terminal.answer(`who is ${role}`, role);
    await answerUntil(terminal, '');
    await terminal.answer('should this go ahead', 'no');
    await terminal.answer('What next', 'retry');
    await terminal.see('Step 4 of 14');
    await terminal.see('should this go ahead');
    terminal.type(CTRL_C);
    await terminal.answer('Stop the ceremony here', 'stop');
    expect(await terminal.end()).toBe(130);
    expect(events(scene).slice(-2)).toEqual(['step', 'interrupted']);
    expect(scene.json(['root', 'generate']).json).toMatchObject({ code: 'transcript-unfinished' });
    const again = new Terminal(args(scene, 'resume'), { cwd: scene.folder });
    await again.see('done:      1 (welcome), 2 (machine), 3 (clock)');
    await again.answer('Roll-call', 'administrator, operator, witness');
    await again.answer('type groups', 'no');
    await again.answer('What next', 'deviation');
    await again.answer('What is done instead', 'Nobody wrote it down.');
    await again.answer('Who accepts that', 'witness');
    await again.answer('should this go ahead', 'yes');
    await again.answer('are on paper', '');
    await again.answer('Where are the digits read from', 'the paper of the witness');
    await again.answer('type groups', '0000 0000 0000 0000');
    await again.answer('What next', 'hold');
    expect(await again.end()).toBe(1);
    expect(again.text).toContain('what was typed from the paper of the witness is not what is here');
    mustSucceed(scene.json(['resume']));
    mustSucceed(scene.cli(['transcript', 'verify', join(scene.dir, RUN)]));
    expect(readdirSync(join(scene.dir, 'credentials'))).toEqual(['root-1.pem']);
  });
});

describe('a rehearsal', () => {
  test.each(['root-generation', 'intermediate-issuance'])(
    'of %s says so in every line, and its files are of no use',
    (name) => {
      const scene = newAuthority();
      const { json } = mustSucceed(scene.json(['rehearse', name, '--into', scene.path('practice')]));
      const dir = String(json.dir);
      for (const file of readdirSync(join(dir, 'transcripts')).filter((one) => one.endsWith('.jsonl')))
        for (const line of linesOf(join(dir, 'transcripts', file))) expect(line.mode).toBe('REHEARSAL');
      const bundle = join(dir, 'bundles', readdirSync(join(dir, 'bundles')).at(-1) ?? '');
      expect(
        cli([
          'bundle',
          'verify',
          bundle,
          '--trust',
          join(dir, 'credentials/root-1.pem'),
          '--domain',
          'example.org',
          '--json',
        ]).stdout,
      ).toContain('domain-mismatch');
      expect(scene.json(['bundle', 'published', bundle]).json.ok).toBe(false);
      expect(scene.json(['-C', dir, 'intermediate', 'rotate']).json.ok).toBe(false);
    },
  );
});
