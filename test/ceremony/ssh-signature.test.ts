/** Detached SSH signatures through the real ssh-keygen. Hardware-backed `sk` keys need a device, and can't be tested here. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { checkPrincipal, countedOf, isPrincipal } from '../../src/ceremony/principals.js';
import { signFile, verifyDetached, verifyUnattributed, type SshVerdict } from '../../src/ceremony/ssh-signature.js';
import { checkNoWildcards, personsOf } from '../../src/ceremony/witness/signer-lines.js';
import { decodeSshSignature } from '../../src/ceremony/sshsig.js';
import { utf8 } from '../../src/common/bytes.js';
import { parseTime } from '../../src/common/time.js';
import { mustSucceed, newFolder } from '../support/cli-authority.js';
import { run } from '../support/cli.js';
import { allowedSigners, makeSshKey, signByHand, sshTest, type SshKey } from '../support/ssh-keys.js';

const NAMESPACE = 'as-ceremony-plan';
const CONTENT = utf8('a plan\n');
const AT = parseTime('2026-11-24T12:00:00Z');

interface Asked {
  readonly content?: Uint8Array;
  readonly namespace?: string;
  readonly principal?: string;
  readonly allowed?: string;
}

function verify(key: SshKey, signature: Uint8Array, asked: Asked = {}): SshVerdict {
  const { content = CONTENT, namespace = NAMESPACE, principal = 'anna@example.org' } = asked;
  const allowed = asked.allowed ?? allowedSigners([['anna@example.org', key]]);
  return verifyDetached({ content, signature, namespace, principal, allowedSigners: utf8(allowed), atSeconds: AT });
}

function fingerprintOf({ file }: SshKey): string {
  return mustSucceed(run(['ssh-keygen', '-l', '-f', `${file}.pub`])).stdout.split(' ')[1] ?? '';
}

describe('a signature', () => {
  for (const type of ['ed25519', 'ecdsa', 'rsa']) {
    sshTest(`by ${type} is made, verified, and its key told`, () => {
      const key = makeSshKey(newFolder(), 'key', type);
      const signature = signFile({ content: CONTENT, name: 'plan.json', namespace: NAMESPACE, key: key.file });
      const valid = { state: 'valid', fingerprint: fingerprintOf(key) };
      expect(verify(key, signature)).toEqual(valid);
      expect(verifyUnattributed({ content: CONTENT, signature, namespace: NAMESPACE })).toEqual(valid);
      expect(decodeSshSignature(signature)).toMatchObject({ namespace: NAMESPACE, fingerprint: fingerprintOf(key) });
    });
  }

  sshTest('says why it is not valid', () => {
    const folder = newFolder();
    const [key, other] = [makeSshKey(folder, 'key'), makeSshKey(folder, 'other')];
    const signature = signByHand(key, NAMESPACE, CONTENT);
    const line = (options: string): string => allowedSigners([['anna@example.org', key, options]]);
    const cases: readonly [Asked, RegExp][] = [
      [{ content: utf8('another plan\n') }, /not over this file/],
      [{ namespace: 'as-ceremony' }, /made for the namespace "as-ceremony-plan", expected as-ceremony$/],
      [{ principal: 'bert' }, /its key belongs to "anna@example.org"/],
      [{ allowed: allowedSigners([['anna@example.org', other]]) }, /has no such key/],
      [{ allowed: '' }, /has no such key/],
      [{ allowed: 'nonsense\n' }, /has no such key/],
      [{ allowed: line('namespaces="git"') }, /allowed_signers/],
      [
        { allowed: line('valid-before="20261124115959"') },
        /had expired at 2026-11-24T12:00:00Z \(valid-before 2026-11-24T11:59:59/,
      ],
      [
        { allowed: line('valid-after="20261124120001"') },
        /was not valid yet at 2026-11-24T12:00:00Z \(valid-after 2026-11-24T12:00:01/,
      ],
    ];
    for (const [asked, why] of cases) {
      expect(verify(key, signature, asked)).toMatchObject({
        state: 'invalid',
        why: expect.stringMatching(why) as unknown,
      });
    }
    for (const options of [
      'valid-before="20261124120000"',
      'valid-after="20261124120000"',
      `namespaces="${NAMESPACE}"`,
    ]) {
      expect([options, verify(key, signature, { allowed: line(options) }).state]).toEqual([options, 'valid']);
    }
  });

  sshTest('with any byte flipped is invalid, and never an exception', () => {
    const key = makeSshKey(newFolder(), 'key');
    const signature = signByHand(key, NAMESPACE, CONTENT);
    const step = Math.ceil(signature.length / 40);
    for (let at = 3; at < signature.length - 1; at += step) {
      const flipped = signature.slice();
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      expect([at, verify(key, flipped).state]).toEqual([at, 'invalid']);
    }
    for (const end of [0, 1, 40, signature.length - 30])
      expect(verify(key, signature.slice(0, end)).state).toBe('invalid');
  });

  sshTest('by a certificate is known by the key that it certifies', () => {
    const folder = newFolder();
    const [authority, key] = [makeSshKey(folder, 'ca'), makeSshKey(folder, 'key')];
    mustSucceed(
      run(['ssh-keygen', '-q', '-s', authority.file, '-I', 'anna', '-n', 'anna@example.org', `${key.file}.pub`]),
    );
    const signature = signByHand({ ...key, file: `${key.file}-cert.pub` }, NAMESPACE, CONTENT);
    const allowed = `*@example.org cert-authority ${authority.publicKey}\n`;
    expect(verify(key, signature, { allowed })).toEqual({ state: 'valid', fingerprint: fingerprintOf(key) });
  });

  sshTest('leaves no temporary file behind, valid or not', () => {
    const key = makeSshKey(newFolder(), 'key');
    const folder = newFolder();
    const before = process.env.TMPDIR;
    try {
      process.env.TMPDIR = folder;
      const signature = signFile({ content: CONTENT, name: 'plan', namespace: NAMESPACE, key: key.file });
      verify(key, signature);
      verify(key, signature, { principal: 'bert' });
      const broken = join(folder, '..', 'no-key');
      expect(() => signFile({ content: CONTENT, name: 'plan', namespace: NAMESPACE, key: broken })).toThrow(/no-key/);
    } finally {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  sshTest('can not be looked at without ssh-keygen, which is said, and is no verdict', () => {
    const key = makeSshKey(newFolder(), 'key');
    const signature = signByHand(key, NAMESPACE, CONTENT);
    const path = process.env.PATH;
    try {
      process.env.PATH = newFolder();
      for (const action of [
        () => verify(key, signature),
        () => signFile({ content: CONTENT, name: 'plan', namespace: NAMESPACE, key: key.file }),
      ]) {
        expect(action).toThrow(expect.objectContaining({ kind: 'could-not', code: 'no-ssh-keygen' }));
      }
    } finally {
      process.env.PATH = path;
    }
  });

  sshTest('is not called invalid where ssh-keygen came to no verdict', () => {
    const [key, folder] = [makeSshKey(newFolder(), 'key'), newFolder()];
    const signature = signByHand(key, NAMESPACE, CONTENT);
    mustSucceed(
      run([
        'bash',
        '-c',
        String.raw`printf '#!/bin/sh\necho "No user exists for uid 4711" >&2; exit 255\n' > "$0"; chmod +x "$0"`,
        join(folder, 'ssh-keygen'),
      ]),
    );
    const path = process.env.PATH;
    try {
      process.env.PATH = `${folder}:${path ?? ''}`;
      expect(() => verify(key, signature)).toThrow(/No user exists for uid 4711/);
    } finally {
      process.env.PATH = path;
    }
  });
});

describe('a principal', () => {
  test.each(['anna', 'anna@example.org', 'A.b_c+d-e', '7', 'x'.repeat(100)])('may be %s', (name) => {
    expect(isPrincipal(name)).toBe(true);
  });

  test.each(['', '.anna', '-anna', '../anna', 'an/na', 'an na', 'anna\n', 'änna', 'a*', 'x'.repeat(101)])(
    'may not be %j',
    (name) => {
      expect(() => checkPrincipal(name)).toThrow(expect.objectContaining({ kind: 'refused', code: 'bad-principal' }));
    },
  );
});

describe('one person counts once, and so does one key', () => {
  const key = (letter: string): string => `ssh-ed25519 ${letter.repeat(68)}`;
  const counted = (allowed: string, ...pairs: readonly (readonly [string, string])[]): string[] => {
    const valid = pairs.map(([principal, fingerprint]) => ({ principal, fingerprint }));
    return [...countedOf(valid, personsOf(utf8(allowed)))].map(({ principal }) => principal);
  };

  test('where a name or a key comes twice', () => {
    expect(counted('', ['anna', 'A'], ['bert', 'B'])).toEqual(['anna', 'bert']);
    expect(counted('', ['anna', 'A'], ['bert', 'A'], ['carl', 'C'])).toEqual(['anna', 'carl']);
    expect(counted('', ['anna', 'A'], ['Anna', 'B'])).toEqual(['anna']);
  });

  test.each([
    ['another name in one line', `anna,ann ${key('A')}\nann ${key('B')}\n`],
    ['a name in one line, in quotation marks', `"anna,ann" ${key('A')}\nann ${key('B')}\n`],
    ['a key on two lines', `anna ${key('A')}\nann ${key('A')}\nann ${key('B')}\n`],
    [
      'a key behind options with spaces and words like keys in them',
      `anna namespaces="ssh-x y" ${key('A')}\nann ${key('A')} ann@home\nann valid-after="20200101" ${key('B')}\n`,
    ],
    ['two steps', `anna,a2 ${key('A')}\r\na2,A3 ${key('C')}\r\n\t a3,ann ${key('D')}\n`],
    ['a line after one that is no UTF-8', `b\u00e0rt,anna,ann ${key('A')}\nann ${key('B')}\n`],
  ])('with %s', (_what, allowed) => {
    expect(counted(allowed, ['anna', 'A'], ['ann', 'B'], ['bert', 'C'])).toEqual(['anna', 'bert']);
  });

  test('and two people are two, also where one key certifies both', () => {
    const two = `anna ${key('A')}\n# anna,bert ${key('A')}\nbert ${key('B')}\n`;
    expect(counted(two, ['anna', 'A'], ['bert', 'B'])).toEqual(['anna', 'bert']);
    const certified = `anna cert-authority,namespaces="x" ${key('C')}\nbert cert-authority ${key('C')}\n`;
    expect(counted(certified, ['anna', 'A'], ['bert', 'B'])).toEqual(['anna', 'bert']);
  });

  test.each(['*', 'ann?', '*@example.org', 'anna,!bert', '"anna,b*"'])(
    'a name like %s is refused, with its line',
    (name) => {
      const bytes = utf8(`carl ${key('A')}\n${name} namespaces="as-ceremony" ${key('B')}\n`);
      expect(() => {
        checkNoWildcards('allowed_signers', bytes);
      }).toThrow(expect.objectContaining({ code: 'wildcard-principal', message: expect.stringContaining('line 2') }));
    },
  );

  test('what is no name may hold such signs', () => {
    checkNoWildcards('allowed_signers', utf8(`# *\nanna namespaces="as-*" ${key('A')} why?\n`));
  });
});
