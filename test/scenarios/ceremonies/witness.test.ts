/**
 * Witnesses sign a transcript with their SSH keys, and whoever holds it verifies it. Tokens (`sk` keys) are played by
 * the test.
 */
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../../src/codec/strict-json.js';
import { cli, cliJson, type Ended, type JsonRecord, run } from '../../support/cli/cli.js';
import { authorityWith, mustSucceed, newFolder, readTree, type Scene } from '../../support/cli/cli-authority.js';
import { errorOf, expectJsonRefusal, expectRefusal } from '../../support/cli/cli-errors.js';
import { CTRL_C, Terminal } from '../../support/cli/cli-terminal.js';
import { addCeremony, linesOf, named, newestTranscript, type Wanted } from '../../support/cli/transcripts.js';
import { tokenKey } from '../../support/keys/sk-keys.js';
import {
  makeSshKey,
  signByHand,
  type SshKey,
  sshTest,
  withAgent,
  writeAllowedSigners,
} from '../../support/keys/ssh-keys.js';

const PEOPLE = ['anna@example.org', 'bert', 'carl'] as const;

interface Room {
  readonly scene: Scene;
  readonly file: string;
  readonly keys: Readonly<Record<(typeof PEOPLE)[number], SshKey>>;
  /** Signs as a witness does. */
  readonly sign: (principal: string, key: SshKey) => Ended;
  readonly verify: (...more: readonly string[]) => Ended & { readonly json: JsonRecord };
  readonly states: () => Readonly<Record<string, string>>;
}

/** An authority with a ceremony's transcript, three people with keys of three types, and allowed_signers in it. */
function room(wanted: Wanted = { toSign: PEOPLE }): Room {
  const scene = authorityWith('bundle');
  const file = addCeremony(scene, wanted);
  const keys = {
    'anna@example.org': makeSshKey(scene.folder, 'anna', 'ed25519'),
    bert: makeSshKey(scene.folder, 'bert', 'ecdsa'),
    carl: makeSshKey(scene.folder, 'carl', 'rsa'),
  };
  writeAllowedSigners(
    join(scene.dir, 'allowed_signers'),
    PEOPLE.map((name) => [name, keys[name]] as const),
  );
  const verify = (...more: readonly string[]): Ended & { readonly json: JsonRecord } =>
    cliJson(['transcript', 'verify', file, ...more], { cwd: scene.folder });
  return {
    scene,
    file,
    keys,
    verify,
    sign: (principal, key) =>
      cli(['transcript', 'sign', file, '--as', principal, '--key', key.file, '--yes'], { cwd: scene.folder }),
    states: () =>
      Object.fromEntries(
        (verify().json.signatures as readonly { principal: string; state: string }[]).map(({ principal, state }) => [
          principal,
          state,
        ]),
      ),
  };
}

describe('transcript verify', () => {
  sshTest('says of everybody whom the end names valid or missing, and counts', () => {
    const { sign, keys, verify } = room();
    mustSucceed(sign('anna@example.org', keys['anna@example.org']));
    mustSucceed(sign('carl', keys.carl));
    const { status, json } = verify('--require', '2');
    expect({ status, ok: json.ok, entries: json.entries, counted: json.counted }).toEqual({
      status: 0,
      ok: true,
      entries: 2,
      counted: 2,
    });
    expect(json.signatures).toMatchObject([
      {
        principal: 'anna@example.org',
        state: 'valid',
        declared: true,
        key: expect.stringMatching(/^SHA256:/) as unknown,
      },
      { principal: 'bert', state: 'missing' },
      { principal: 'carl', state: 'valid' },
    ]);
    const { status: third, json: refusal } = verify('--require', '3');
    expect({ third, ok: refusal.ok, code: refusal.code }).toEqual({ third: 1, ok: false, code: 'witnesses-missing' });
    expect(refusal.head).toBe(json.head);
  });

  const spoilt: readonly [string, (room: Room) => void, RegExp][] = [
    [
      'over another file',
      ({ file, keys: { bert } }) => writeFileSync(`${file}.bert.sig`, signByHand(bert, 'as-ceremony', 'another')),
      /not over this file/,
    ],
    [
      'in the namespace of rehearsals',
      ({ file, keys: { bert } }) =>
        writeFileSync(`${file}.bert.sig`, signByHand(bert, 'as-ceremony-rehearsal', readFileSync(file))),
      /namespace "as-ceremony-rehearsal", expected as-ceremony/,
    ],
    [
      "by somebody else's key",
      ({ file, keys: { carl } }) =>
        writeFileSync(`${file}.bert.sig`, signByHand(carl, 'as-ceremony', readFileSync(file))),
      /its key belongs to "carl"/,
    ],
    ['that is none', ({ file }) => writeFileSync(`${file}.bert.sig`, 'signed, Bert\n'), /not an SSH signature/],
    [
      'by a key that had expired when the ceremony ended',
      ({ scene, file, keys: { bert } }) => {
        writeAllowedSigners(join(scene.dir, 'allowed_signers'), [['bert', bert, 'valid-before="20261124"']]);
        writeFileSync(`${file}.bert.sig`, signByHand(bert, 'as-ceremony', readFileSync(file)));
      },
      /had expired at 2026-11-24T12:00:00Z/,
    ],
  ];
  for (const [what, spoil, why] of spoilt) {
    sshTest(`refuses a signature ${what}`, () => {
      const here = room();
      spoil(here);
      expect(here.states()).toMatchObject({ bert: 'invalid' });
      const ended = here.verify();
      expectJsonRefusal(ended, { status: 1, code: 'bad-witness-signature', says: why, hint: 'copies' });
      const { stdout, stderr, status } = cli(['transcript', 'verify', here.file]);
      expect({ status, code: errorOf({ stdout, stderr, status, signal: null }).code }).toEqual({
        status: 1,
        code: 'bad-witness-signature',
      });
      expect(stdout).toMatch(/bert +INVALID; /);
    });
  }

  sshTest('judges by the time of the end: a key that expired since is good', () => {
    const { scene, sign, keys, states } = room();
    const { bert } = keys;
    writeAllowedSigners(join(scene.dir, 'allowed_signers'), [
      ['bert', bert, 'valid-after="20261124",valid-before="20261125"'],
    ]);
    mustSucceed(sign('bert', bert));
    expect(states()).toMatchObject({ bert: 'valid' });
  });

  sshTest('counts one key under two names once', () => {
    const { scene, file, keys, verify } = room();
    const anna = keys['anna@example.org'];
    writeAllowedSigners(join(scene.dir, 'allowed_signers'), [
      ['anna@example.org', anna],
      ['bert', anna],
    ]);
    for (const name of ['anna@example.org', 'bert'])
      writeFileSync(`${file}.${name}.sig`, signByHand(anna, 'as-ceremony', readFileSync(file)));
    const { json } = verify('--require', '2');
    expect(json).toMatchObject({ ok: false, code: 'witnesses-missing', counted: 1 });
    expect((json.signatures as JsonRecord[])[1]).toMatchObject({
      principal: 'bert',
      state: 'valid',
      counts: false,
      why: expect.stringContaining('same key') as unknown,
    });
  });

  sshTest('counts two names of one line once, whatever keys they sign with, and takes no name like *', () => {
    const { scene, file, sign, keys, verify } = room();
    const anna = keys['anna@example.org'];
    const allowed = join(scene.dir, 'allowed_signers');
    writeAllowedSigners(allowed, [
      ['anna@example.org,bert', anna],
      ['bert', keys.bert],
    ]);
    mustSucceed(sign('anna@example.org', anna));
    mustSucceed(sign('bert', keys.bert));
    const { json } = verify('--require', '2');
    expect(json).toMatchObject({ ok: false, code: 'witnesses-missing', counted: 1 });
    expect((json.signatures as JsonRecord[])[1]).toMatchObject({
      state: 'valid',
      why: expect.stringContaining('one person') as unknown,
    });
    const wild = writeAllowedSigners(scene.path('wild'), [['*', anna]]);
    expectJsonRefusal(verify('--allowed-signers', wild), {
      status: 1,
      code: 'wildcard-principal',
      says: /wild line 1: "\*"/,
      hint: 'line of their own',
    });
    renameSync(`${file}.bert.sig`, scene.path('away'));
    writeAllowedSigners(allowed, [['be?t', keys.bert]]);
    expect(sign('bert', keys.bert)).toMatchObject({ status: 1 });
    expect(existsSync(`${file}.bert.sig`)).toBe(false);
  });

  sshTest('lists who was not asked to sign, too, and a name that is none', () => {
    const { file, sign, keys, states } = room({ toSign: ['anna@example.org'] });
    mustSucceed(sign('bert', keys.bert));
    expect(states()).toEqual({ 'anna@example.org': 'missing', bert: 'valid' });
    const names = ['a b', '', 'b\u00e4rt', '..', '.bert', 'bert.\u00a0'];
    for (const name of names) copyFileSync(`${file}.bert.sig`, `${file}.${name}${name === '' ? '' : '.'}sig`);
    expect(states()).toMatchObject(Object.fromEntries(names.map((name) => [name, 'invalid'])));
  });

  sshTest('sees a signature whatever else lies beside it under such a name', () => {
    const { file, sign, keys, states } = room({ toSign: ['anna@example.org', 'bert'] });
    mustSucceed(sign('bert', keys.bert));
    for (const name of ['bert', 'BERT', 'bert.sig.txt', 'anna@example', 'be']) writeFileSync(`${file}.${name}`, 'x');
    mkdirSync(`${file}.bert.s`);
    expect(states()).toEqual({ 'anna@example.org': 'missing', bert: 'valid' });
    writeFileSync(`${file}.anna@example.org.sig`, 'signed, Anna\n');
    writeFileSync(`${file}.anna@example.org`, '');
    expect(states()).toEqual({ 'anna@example.org': 'invalid', bert: 'valid' });
  });

  sshTest('looks at no more signatures than a ceremony has people', () => {
    const { scene, file, sign, keys, states } = room({ toSign: ['bert'] });
    mustSucceed(sign('bert', keys.bert));
    for (let i = 1; i < 50; i++) writeFileSync(`${file}.n${String(i)}.sig`, 'x');
    expect(Object.keys(states())).toHaveLength(50);
    writeFileSync(`${file}.n50.sig`, 'x');
    const says = /51 signatures are beside .*, more than 50/;
    expectRefusal(scene.cli(['transcript', 'verify', file]), { status: 1, code: 'too-many-signatures', says });
  });

  sshTest('takes the signatures of minutes and of a plan for none of its own, and nobody is called like them', () => {
    const { file, sign, keys, states } = room({ toSign: ['bert'] });
    for (const name of ['html.sig', 'html.bert.sig', 'plan.json.bert.sig']) writeFileSync(`${file}.${name}`, 'x');
    expect(states()).toEqual({ bert: 'missing' });
    for (const name of ['html', 'HTML.bert', 'plan.json', 'plan.json.bert'])
      expectRefusal(sign(name, keys.bert), { status: 1, code: 'bad-principal', hint: 'not html or plan.json' });
    writeFileSync(`${file}.htmler.sig`, 'x');
    expect(states()).toEqual({ bert: 'missing', htmler: 'invalid' });
  });

  sshTest('counts nobody whom somebody else certifies, no short key, and no token that nobody touched', () => {
    const { scene, file, keys, states, verify } = room({ toSign: ['bert'] });
    const { bert } = keys;
    const allowed = join(scene.dir, 'allowed_signers');
    const refused = (line: string, says: RegExp): void => {
      writeFileSync(allowed, `carl ${keys.carl.publicKey}\n${line}\n`);
      const hint = 'with a key of their own';
      expectJsonRefusal(verify('--require', '1'), { status: 1, code: 'bad-signer-line', says, hint });
    };
    refused(`anna,bert cert-authority ${bert.publicKey}`, /line 2 has cert-authority/);
    const short = scene.path('short');
    mustSucceed(run(['ssh-keygen', '-q', '-t', 'rsa', '-b', '1024', '-N', '', '-f', short]));
    refused(`bert ${readFileSync(`${short}.pub`, 'utf8').trim()}`, /line 2 .*1024 bits/);
    writeFileSync(`${file}.bert.sig`, signByHand({ ...bert, file: short }, 'as-ceremony', readFileSync(file)));
    rmSync(allowed);
    expect(states()).toEqual({ bert: 'invalid' });
    const token = tokenKey('ed25519');
    writeFileSync(allowed, `bert ${token.publicKey}\n`);
    for (const [flags, counted] of [
      [0, 0],
      [1, 1],
    ] as const) {
      const signature = token.sign(flags, { namespace: 'as-ceremony', content: readFileSync(file) });
      writeFileSync(`${file}.bert.sig`, signature);
      expect(verify('--require', '1').json).toMatchObject({ ok: counted === 1, counted });
    }
  });

  sshTest('without allowed_signers says by which key, and not by whom', () => {
    const { scene, sign, keys, states, verify } = room();
    mustSucceed(sign('bert', keys.bert));
    rmSync(join(scene.dir, 'allowed_signers'));
    expect(states()).toMatchObject({ bert: 'unchecked' });
    expectJsonRefusal(verify('--require', '1'), { status: 3, code: 'no-allowed-signers' });
    const own = writeAllowedSigners(scene.path('own'), [['bert', keys.bert]]);
    expect(verify('--require', '1', '--allowed-signers', own)).toMatchObject({
      status: 0,
      json: { ok: true, counted: 1 },
    });
  });

  sshTest('needs ssh-keygen if there is a signature, and says so', () => {
    const { file, sign, keys } = room();
    const env = { PATH: newFolder() };
    expect(cli(['transcript', 'verify', file], { env })).toMatchObject({ status: 0 });
    mustSucceed(sign('bert', keys.bert));
    expectRefusal(cli(['transcript', 'verify', file], { env }), { status: 3, code: 'no-ssh-keygen', hint: 'OpenSSH' });
  });

  test('a flipped byte, a missing end, a torn line: each is exit 1', () => {
    const scene = authorityWith('bundle');
    const file = newestTranscript(scene);
    const bytes = readFileSync(file);
    const copy = scene.path('copy.jsonl');
    const lines = bytes.toString().split('\n');
    const changed: readonly Uint8Array[] = [
      ...[0, 10, bytes.length / 3, bytes.length / 2, bytes.length - 3].map((at) => {
        const flipped = Uint8Array.from(bytes);
        flipped[Math.floor(at)] = (flipped[Math.floor(at)] ?? 0) ^ 1;
        return flipped;
      }),
      Buffer.from(`${lines.slice(0, -2).join('\n')}\n`),
      bytes.subarray(0, -1),
      Buffer.from(''),
    ];
    for (const content of changed) {
      writeFileSync(copy, content);
      // A last line that still parses is found by what follows it, or by the signatures.
      const { status, json } = cliJson(['-C', scene.dir, 'transcript', 'verify', copy]);
      expect({ status, ok: json.ok }).toEqual({ status: 1, ok: false });
    }
  });

  test('finds a file that was changed or is gone, and a broken link', () => {
    const cases: readonly [string, (scene: Scene) => void, string][] = [
      ['changed', ({ dir }) => appendFileSync(join(dir, 'bundles/bundle-000001.cose'), 'x'), 'files-changed'],
      ['gone', ({ dir }) => rmSync(join(dir, 'bundles/bundle-000001.cose')), 'files-changed'],
      ['out of place', ({ dir }) => rmSync(join(dir, 'transcripts/0004-intermediate-issue.jsonl')), 'broken-link'],
    ];
    for (const [what, damage, code] of cases) {
      const scene = authorityWith('bundle');
      const file = newestTranscript(scene);
      expect(cliJson(['transcript', 'verify', file]).status).toBe(0);
      damage(scene);
      expect([what, cliJson(['transcript', 'verify', file]).json.code]).toEqual([what, code]);
    }
  });

  test('finds an end that is before the line above it', () => {
    const file = addCeremony(authorityWith('bundle'), { withoutEnd: true });
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    const prev = createHash('sha256')
      .update(lines.at(-1) ?? '')
      .digest('hex');
    const end = { seq: lines.length, time: '2001-01-01T00:00:00Z', prev, event: 'end', to_sign: [] };
    appendFileSync(file, `${JSON.stringify(end)}\n`);
    const { json } = cliJson(['transcript', 'verify', file]);
    expect(json).toMatchObject({ ok: false, code: 'bad-transcript' });
    expect(JSON.stringify(json)).toContain('its time is before that of the line above');
  });

  test('takes a signature for what it is on, and for nothing else', () => {
    const scene = authorityWith('bundle');
    const other = 'bb'.repeat(32);
    for (const [transcript, path, forged, says] of [
      ['0005-bundle-export', 'bundles/bundle-000001.cose', { sequence: 7 }, 'another sequence'],
      ['0004-intermediate-issue', 'credentials/intermediate-1.pem', { signer: other }, 'another signer'],
      [
        '0004-intermediate-issue',
        'credentials/intermediate-1.pem',
        { request_sha256: other },
        'another request sha256',
      ],
      [
        '0002-root-generate',
        'credentials/root-1.pem',
        { what: 'IntermediateAsCredential', signer: other, request_sha256: other },
        'another what',
      ],
    ] as const) {
      const own = linesOf(join(scene.dir, `transcripts/${transcript}.jsonl`)).find(({ event }) => event === 'sign');
      const frame = ['seq', 'time', 'prev', 'event'];
      const sign = Object.fromEntries(
        Object.entries(own ?? {}).filter(([name]) => !frame.includes(name)),
      ) as JsonObject;
      const verified = (fields: JsonObject): ReturnType<typeof cliJson> => {
        const file = addCeremony(scene, {
          events: [
            ['files', { files: [named(scene, path)] }],
            ['sign', fields],
          ],
        });
        const ended = cliJson(['transcript', 'verify', file]);
        rmSync(file);
        return ended;
      };
      expect(mustSucceed(verified(sign)).json.sign_events).toMatchObject([{ state: 'matched', file: path }]);
      expectJsonRefusal(verified({ ...sign, ...forged }), { status: 1, code: 'bad-transcript', says });
    }
  });

  test('finds a signature in its files that does not verify, and one that is on record by another key', () => {
    const scene = authorityWith('bundle');
    const root = named(scene, 'credentials/root-1.pem');
    const events = readFileSync(join(scene.dir, 'transcripts/0002-root-generate.jsonl'), 'utf8').split('\n');
    const own = JSON.parse(events.find((line) => line.includes('"sign"')) ?? '') as JsonRecord;
    const { public_key_sha256, signed_sha256: signed } = own as Readonly<Record<string, string>>;
    const good = addCeremony(scene, {
      events: [
        ['files', { files: [root] }],
        ['sign', { what: 'AsCredential', signed_sha256: signed ?? '', public_key_sha256: public_key_sha256 ?? '' }],
      ],
    });
    const { json } = cliJson(['transcript', 'verify', good]);
    expect(json.sign_events).toMatchObject([{ state: 'matched', file: 'credentials/root-1.pem' }]);
    rmSync(good);
    const other = addCeremony(scene, {
      events: [
        ['files', { files: [root] }],
        ['sign', { what: 'AsCredential', signed_sha256: signed ?? '', public_key_sha256: '0'.repeat(64) }],
      ],
    });
    expectJsonRefusal(cliJson(['transcript', 'verify', other]), {
      status: 1,
      code: 'bad-transcript',
      says: /another key/,
    });
    rmSync(other);
    // The same root with another byte in its signature, recorded as it is.
    const pem = readFileSync(join(scene.dir, 'credentials/root-1.pem'), 'utf8').split('\n');
    const der = Buffer.from(pem.slice(1, -2).join(''), 'base64');
    der[der.length - 40] = (der[der.length - 40] ?? 0) ^ 1;
    const body =
      der
        .toString('base64')
        .match(/.{1,64}/g)
        ?.join('\n') ?? '';
    writeFileSync(join(scene.dir, 'credentials/root-9.pem'), `${pem[0] ?? ''}\n${body}\n${pem.at(-2) ?? ''}\n`);
    const bad = addCeremony(scene, { events: [['files', { files: [named(scene, 'credentials/root-9.pem')] }]] });
    expectJsonRefusal(cliJson(['transcript', 'verify', bad]), {
      status: 1,
      code: 'bad-self-signature',
      says: 'root-9.pem',
    });
  });

  test('is told of a copy elsewhere by -C, and says what it cannot see without it', () => {
    const scene = authorityWith('bundle');
    const copy = join(newFolder(), 'copy.jsonl');
    copyFileSync(newestTranscript(scene), copy);
    const { json } = cliJson(['transcript', 'verify', copy], { cwd: newFolder() });
    expect(json).toMatchObject({ ok: true, link: { state: 'unchecked' } });
    expect((json.not_vouched as string[]).join('\n')).toMatch(/The authority is not at hand/);
    expect(cliJson(['-C', scene.dir, 'transcript', 'verify', copy]).json).toMatchObject({
      ok: true,
      link: { state: 'linked' },
    });
    expectJsonRefusal(cliJson(['-C', newFolder(), 'transcript', 'verify', copy]), { status: 3, code: 'no-authority' });
  });

  test('a principal that is no safe file name is refused, in the end and in --as', () => {
    const scene = authorityWith('bundle');
    expectRefusal(cli(['transcript', 'verify', addCeremony(scene, { toSign: ['../anna'] })]), {
      status: 1,
      code: 'bad-principal',
    });
    expectRefusal(cli(['transcript', 'sign', newestTranscript(scene), '--as', 'a/b', '--yes']), {
      status: 1,
      code: 'bad-principal',
    });
  });
});

describe('a rehearsal', () => {
  sshTest('says so, and its signatures are none of the real thing', () => {
    const { file, sign, keys, states, verify } = room({ toSign: ['bert'], rehearsal: true });
    const ended = mustSucceed(sign('bert', keys.bert));
    expect(ended.stdout).toMatch(/^REHEARSAL/);
    expect(states()).toEqual({ bert: 'valid' });
    expect(verify().json.mode).toBe('REHEARSAL');
    expect(cli(['transcript', 'verify', file]).stdout).toMatch(/^REHEARSAL\. /);
    expect(cli(['transcript', 'show', file]).stdout).toMatch(/^REHEARSAL/);
    writeFileSync(`${file}.bert.sig`, signByHand(keys.bert, 'as-ceremony', readFileSync(file)));
    expect(states()).toEqual({ bert: 'invalid' });
  });

  test('in part is no transcript', () => {
    const scene = authorityWith('bundle');
    const file = addCeremony(scene, { events: [['say', { mode: 'REHEARSAL' }]] });
    expectRefusal(cli(['transcript', 'verify', file]), {
      status: 1,
      code: 'bad-transcript',
      says: 'line 2 is marked REHEARSAL',
    });
  });
});

describe('transcript sign', () => {
  sshTest('signs with a key in the agent, named by its public key', () => {
    const { scene, file, keys, states } = room();
    renameSync(keys.bert.file, `${keys.bert.file}.away`);
    const key = { ...keys.bert, file: `${keys.bert.file}.away` };
    const ended = withAgent([key], scene.folder, (socket) =>
      cli(['transcript', 'sign', file, '--as', 'bert', '--key', `${keys.bert.file}.pub`, '--yes', '--json'], {
        env: { SSH_AUTH_SOCK: socket },
      }),
    );
    expect(JSON.parse(mustSucceed(ended).stdout)).toMatchObject({
      ok: true,
      principal: 'bert',
      file: `${file}.bert.sig`,
      attributed: true,
    });
    expect(states()).toMatchObject({ bert: 'valid' });
  });

  sshTest('on another machine needs the file alone', () => {
    const { file, keys, states } = room();
    const copy = join(newFolder(), 'copy.jsonl');
    copyFileSync(file, copy);
    const ended = cliJson(['transcript', 'sign', copy, '--as', 'bert', '--key', keys.bert.file, '--yes'], {
      cwd: newFolder(),
    });
    expect(mustSucceed(ended).json).toMatchObject({ attributed: false, file: `${copy}.bert.sig` });
    copyFileSync(`${copy}.bert.sig`, `${file}.bert.sig`);
    expect(states()).toMatchObject({ bert: 'valid' });
  });

  sshTest('never signs what is incomplete, broken or changed, and overwrites nothing', () => {
    const { scene, file, sign, keys } = room();
    mustSucceed(sign('bert', keys.bert));
    const before = readTree(scene.dir);
    expectRefusal({ ...sign('bert', keys.bert), stdout: '' }, { status: 3, code: 'file-exists' });
    expect(readTree(scene.dir)).toEqual(before);
    const open = addCeremony(scene, { withoutEnd: true });
    for (const [path, code] of [
      [open, 'bad-transcript'],
      [join(scene.dir, 'authority.yaml'), 'bad-transcript'],
    ] as const) {
      expectRefusal(cli(['transcript', 'sign', path, '--as', 'bert', '--key', keys.bert.file, '--yes']), {
        status: 1,
        code,
      });
    }
    rmSync(open);
    rmSync(join(scene.dir, 'transcripts/0005-bundle-export.jsonl'));
    expectRefusal(sign('carl', keys.carl), { status: 1, code: 'broken-transcript', hint: 'Sign nothing' });
    expect(existsSync(`${file}.carl.sig`)).toBe(false);
  });

  sshTest('keeps no signature that would not count', () => {
    const { scene, sign, keys } = room();
    const before = readTree(scene.dir);
    const ended = sign('bert', keys.carl);
    expect({ status: ended.status, code: /^code: (.*)$/m.exec(ended.stderr)?.[1] }).toEqual({
      status: 1,
      code: 'not-allowed-signer',
    });
    expect(ended.stderr).toMatch(/belongs to "carl"/);
    expect(readTree(scene.dir)).toEqual(before);
  });

  sshTest('asks, and takes no for an answer; without a terminal it is an error', () => {
    const { file, scene, keys } = room();
    const args = ['transcript', 'sign', file, '--as', 'bert', '--key', keys.bert.file];
    const ended = cli(args);
    expect({ status: ended.status, code: /^code: (.*)$/m.exec(ended.stderr)?.[1] }).toEqual({
      status: 2,
      code: 'usage',
    });
    expect(readdirSync(join(scene.dir, 'transcripts')).filter((name) => name.includes('.sig'))).toEqual([]);
    expectRefusal(cli(['transcript', 'sign', file, '--key', keys.bert.file, '--yes']), {
      status: 2,
      code: 'usage',
      says: '--as',
    });
    expectRefusal(cli([...args.slice(0, -2), '--yes'], { env: { HOME: newFolder() } }), {
      status: 2,
      code: 'usage',
      says: '--key',
    });
  });

  sshTest('leaves the passphrase to ssh-keygen, and Ctrl-C there leaves nothing', async () => {
    const { file, scene, states } = room();
    const locked = makeSshKey(scene.folder, 'locked', 'ed25519', 'open sesame');
    writeAllowedSigners(join(scene.dir, 'allowed_signers'), [['bert', locked]]);
    const before = readTree(scene.dir);
    const temporary = newFolder();
    const args = ['transcript', 'sign', file, '--as', 'bert', '--key', locked.file];
    const gone = new Terminal(args, { env: { TMPDIR: temporary } });
    await gone.answer('(type yes)', 'yes');
    await gone.see('Enter passphrase');
    // As a person would: ssh-keygen loses a Ctrl-C that comes between its question and its first read.
    const again = setInterval(() => gone.type(CTRL_C), 500);
    expect(await gone.end()).toBe(130);
    clearInterval(again);
    expect(readdirSync(temporary)).toEqual([]);
    expect(readTree(scene.dir)).toEqual(before);
    const terminal = new Terminal(args);
    await terminal.answer('(type yes)', 'yes');
    await terminal.answer('Enter passphrase', 'open sesame');
    expect(await terminal.end()).toBe(0);
    expect(terminal.text).not.toContain('open sesame');
    expect(states()).toMatchObject({ bert: 'valid' });
  });
});

describe('transcript show', () => {
  test('shows every field of every event, in words if it has them, and nothing that a terminal would obey', () => {
    const scene = authorityWith('root');
    const file = addCeremony(scene, {
      toSign: ['anna'],
      events: [
        ['people', { people: [{ name: 'Anna Ames', role: 'witness', principal: 'anna' }] }],
        ['say', { step: 3, text: 'Hello\u001b[2Jworld\u202e', by: 'Anna Ames' }],
        ['unheard-of', { some_field: { deep: [1, 'two'] }, 'bad\u0007name': true }],
      ],
    });
    const { status, stdout } = cli(['transcript', 'show', file]);
    expect(status).toBe(0);
    for (const text of [
      'Anna Ames',
      'role witness',
      'Hello\\u{1b}[2Jworld\\u{202e}',
      'event unheard-of',
      'two',
      'bad\\u{7}name',
      'to sign  anna',
    ])
      expect(stdout).toContain(text);
    // eslint-disable-next-line no-control-regex -- control characters are what must not be there
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f\u202e]/);
    const { json } = cliJson(['transcript', 'show', file]);
    expect(json).toMatchObject({ ok: true, complete: true });
    expect((json.entries as JsonRecord[]).map(({ event }) => event)).toEqual([
      'start',
      'people',
      'say',
      'unheard-of',
      'end',
    ]);
  });

  test('shows what there is of one without an end, and of one with a torn line', () => {
    const scene = authorityWith('root');
    const file = addCeremony(scene, { withoutEnd: true });
    expect(cli(['transcript', 'show', file]).stdout).toMatch(/^INCOMPLETE: it has no end/);
    appendFileSync(file, '{"seq":1,"ti');
    expect(cli(['transcript', 'show', file]).stdout).toMatch(/^INCOMPLETE: its last line is torn/);
    expectRefusal(cli(['transcript', 'verify', file]), { status: 1, code: 'bad-transcript' });
  });
});
