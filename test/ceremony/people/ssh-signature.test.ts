/**
 * Detached SSH signatures through the real ssh-keygen. Tokens (`sk` keys) are played by the test: no device has been at
 * work here.
 */
import { createHash, generateKeyPairSync } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ed25519 } from '@noble/curves/ed25519.js';
import { checkPrincipal, countedOf, isPrincipal } from '../../../src/ceremony/people/principals.js';
import { checkSignerLines, personsOf } from '../../../src/ceremony/people/signer-lines.js';
import {
  signFile,
  type SshVerdict,
  verifyDetached,
  verifyUnattributed,
} from '../../../src/ceremony/people/ssh-signature.js';
import { decodeSshSignature } from '../../../src/ceremony/people/sshsig.js';
import { utf8 } from '../../../src/common/bytes.js';
import { parseTime } from '../../../src/common/time.js';
import { run } from '../../support/cli/cli.js';
import { mustSucceed, newFolder } from '../../support/cli/cli-authority.js';
import {
  publicKeyLine,
  sshInteger,
  sshSignature,
  sshString,
  sshStrings,
  tokenKey,
} from '../../support/keys/sk-keys.js';
import { allowedSigners, makeSshKey, signByHand, type SshKey, sshTest } from '../../support/keys/ssh-keys.js';

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

  sshTest('by a certificate counts for nobody, though ssh-keygen accepts it', () => {
    const folder = newFolder();
    const [authority, key] = [makeSshKey(folder, 'ca'), makeSshKey(folder, 'key')];
    mustSucceed(
      run(['ssh-keygen', '-q', '-s', authority.file, '-I', 'anna', '-n', 'anna@example.org', `${key.file}.pub`]),
    );
    const signature = signByHand({ ...key, file: `${key.file}-cert.pub` }, NAMESPACE, CONTENT);
    const invalid = { state: 'invalid', why: expect.stringContaining('is a certificate') as unknown };
    for (const allowed of [
      `anna@example.org cert-authority ${authority.publicKey}\n`,
      `anna@example.org ${readFileSync(`${key.file}-cert.pub`, 'utf8')}`,
    ])
      expect(verify(key, signature, { allowed })).toMatchObject(invalid);
    expect(verifyUnattributed({ content: CONTENT, signature, namespace: NAMESPACE })).toMatchObject(invalid);
  });

  for (const kind of ['ed25519', 'ecdsa'] as const) {
    sshTest(`by a token with ${kind} counts where somebody touched it, and not otherwise`, () => {
      const token = tokenKey(kind);
      const allowed = `anna@example.org ${token.publicKey}\n`;
      // Bit 0 says that somebody was there, bit 2 that the token knows who; the others have other meanings, or none.
      for (const [flags, state] of [
        [0x01, 'valid'],
        [0x05, 'valid'],
        [0xc5, 'valid'],
        [0x00, 'invalid'],
        [0x04, 'invalid'],
        [0xfe, 'invalid'],
      ] as const) {
        const signature = token.sign(flags, { namespace: NAMESPACE, content: CONTENT });
        const verdict = verifyDetached({
          ...{ content: CONTENT, signature, namespace: NAMESPACE, principal: 'anna@example.org' },
          ...{ allowedSigners: utf8(allowed), atSeconds: AT },
        });
        const unattributed = verifyUnattributed({ content: CONTENT, signature, namespace: NAMESPACE });
        expect([flags, verdict.state, unattributed.state]).toEqual([flags, state, state]);
        if (verdict.state === 'invalid') expect(verdict.why).toMatch(/nobody touched the token/);
      }
    });
  }

  sshTest('by an RSA key counts from 2,048 bits on, and by a DSA key never', () => {
    const folder = newFolder();
    for (const [type, bits, why] of [
      ['rsa', '2047', /2047 bits; an RSA key of fewer than 2048/],
      ['rsa', '1024', /1024 bits/],
      ['rsa', '2048', undefined],
      ['rsa', '2049', undefined],
      ['dsa', '1024', /is of the type ssh-dss/],
    ] as const) {
      const file = join(folder, `${type}${bits}`);
      if (run(['ssh-keygen', '-q', '-t', type, '-b', bits, '-N', '', '-f', file]).status !== 0) continue;
      const key = { file, publicKey: readFileSync(`${file}.pub`, 'utf8').split(' ').slice(0, 2).join(' ') };
      const verdict = verify(key, signByHand(key, NAMESPACE, CONTENT));
      expect([type, bits, verdict.state]).toEqual([type, bits, why === undefined ? 'valid' : 'invalid']);
      if (verdict.state === 'invalid') expect(verdict.why).toMatch(why ?? /never/);
    }
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

  sshTest('cannot be looked at without ssh-keygen, which is said, and is no verdict', () => {
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

  sshTest('is not called invalid if ssh-keygen reached no verdict', () => {
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
  const point = (letter: string): Uint8Array => ed25519.getPublicKey(createHash('sha256').update(letter).digest());
  const key = (letter: string): string => publicKeyLine('ssh-ed25519', sshStrings('ssh-ed25519', point(letter)));
  const counted = (allowed: string, ...pairs: readonly (readonly [string, string])[]): string[] => {
    const valid = pairs.map(([principal, fingerprint]) => ({ principal, fingerprint }));
    return [...countedOf(valid, personsOf(utf8(allowed)))].map(({ principal }) => principal);
  };

  test('if a name or a key occurs twice', () => {
    expect(counted('', ['anna', 'A'], ['bert', 'B'])).toEqual(['anna', 'bert']);
    expect(counted('', ['anna', 'A'], ['bert', 'A'], ['carl', 'C'])).toEqual(['anna', 'carl']);
    expect(counted('', ['anna', 'A'], ['Anna', 'B'])).toEqual(['anna']);
  });

  const token = publicKeyLine(
    'sk-ssh-ed25519@openssh.com',
    sshStrings('sk-ssh-ed25519@openssh.com', point('A'), 'ssh:'),
  );
  test.each([
    ['another name in one line', `anna,ann ${key('A')}\nann ${key('B')}\n`],
    ['a name in one line, in quotation marks', `"anna,ann" ${key('A')}\nann ${key('B')}\n`],
    ['a key on two lines', `anna ${key('A')}\nann ${key('A')}\nann ${key('B')}\n`],
    ['a key that is called one of a token, too', `anna ${key('A')}\nann ${token}\nann ${key('B')}\n`],
    [
      'a key behind options with spaces and words like keys in them',
      `anna namespaces="ssh-x y" ${key('A')}\nann ${key('A')} ann@home\nann valid-after="20200101" ${key('B')}\n`,
    ],
    ['two steps', `anna,a2 ${key('A')}\r\na2,A3 ${key('C')}\r\n\t a3,ann ${key('D')}\n`],
    ['a line after one that is no UTF-8', `b\u00e0rt,anna,ann ${key('A')}\nann ${key('B')}\n`],
  ])('with %s', (_what, allowed) => {
    checkSignerLines('allowed_signers', utf8(allowed));
    expect(counted(allowed, ['anna', 'A'], ['ann', 'B'], ['bert', 'C'])).toEqual(['anna', 'bert']);
  });

  test('and two people are two', () => {
    const two = `anna ${key('A')}\n# anna,bert ${key('A')}\nbert ${key('B')}\n`;
    expect(counted(two, ['anna', 'A'], ['bert', 'B'])).toEqual(['anna', 'bert']);
  });

  const refusalOf = (allowed: string): unknown => {
    try {
      checkSignerLines('allowed_signers', utf8(allowed));
      return undefined;
    } catch (error) {
      return error;
    }
  };

  test.each(['*', 'ann?', '*@example.org', 'anna,!bert', '"anna,b*"'])(
    'a name like %s is refused, with its line',
    (name) => {
      expect(refusalOf(`carl ${key('A')}\n${name} namespaces="as-ceremony" ${key('B')}\n`)).toMatchObject({
        code: 'wildcard-principal',
        message: expect.stringContaining('line 2') as unknown,
      });
    },
  );

  const rsa = (bits: number, exponent: Uint8Array, zeros = 0): string => {
    const { n = '' } = generateKeyPairSync('rsa', { modulusLength: bits }).publicKey.export({ format: 'jwk' });
    const modulus = sshInteger(Buffer.from(n, 'base64url')).subarray(4);
    const padded = Buffer.concat([Buffer.alloc(zeros), modulus]);
    return publicKeyLine('ssh-rsa', Buffer.concat([sshStrings('ssh-rsa'), sshString(exponent), sshString(padded)]));
  };
  const E = Buffer.of(1, 0, 1);
  const blobOf = (line: string): Buffer => Buffer.from(line.split(' ')[1] ?? '', 'base64');
  const P256 = 'ecdsa-sha2-nistp256';
  test.each([
    ['cert-authority', `anna cert-authority ${key('A')}`, /has cert-authority/],
    ['cert-authority among options', `anna namespaces="x",Cert-Authority,valid-after="2020" ${key('A')}`, /cert-auth/],
    [
      'a certificate for a key',
      `anna ${publicKeyLine('ssh-ed25519-cert-v01@openssh.com', sshStrings('ssh-ed25519-cert-v01@openssh.com'))}`,
      /is a certificate/,
    ],
    ['another option', `anna verify-required ${key('A')}`, /options that are not known/],
    ['an option without quotation marks', `anna valid-before=20300101 ${key('A')}`, /options that are not known/],
    [
      'options with a space between',
      `anna namespaces="x" valid-after="2020" ${key('A')}`,
      /options that are not known/,
    ],
    ['words alone', 'nonsense', /no name/],
    ['words', 'anna is no key', /options that are not known/],
    ['an open quotation mark', `"anna ${key('A')}`, /no name/],
    ['a NUL', `anna ${key('A')}\0 x`, /control character/],
    ['a carriage return before the name', `\ranna,ann ${key('A')}`, /no name|control character/],
    ['a carriage return within', `anna\r${key('A')}`, /no name|control character/],
    ['a vertical tab', `anna ${key('A')}\v`, /control character/],
    ['a key cut short', `anna ${key('A').slice(0, -4)}`, /not encoded/],
    [
      'a key with bytes behind it',
      `anna ${publicKeyLine('ssh-ed25519', Buffer.concat([blobOf(key('A')), Buffer.of(0)]))}`,
      /not encoded/,
    ],
    ['a key of another type', `anna ${key('A').replace('ssh-ed25519 ', `${P256} `)}`, /calls its key/],
    [
      'a key of small order',
      `anna ${publicKeyLine('ssh-ed25519', sshStrings('ssh-ed25519', Buffer.alloc(32)))}`,
      /not a key that/,
    ],
    [
      'a point that is none',
      `anna ${publicKeyLine(P256, sshStrings(P256, 'nistp256', Buffer.alloc(65, 4)))}`,
      /not a key that/,
    ],
    [
      'a curve of another name',
      `anna ${publicKeyLine(P256, sshStrings(P256, 'nistp384', Buffer.alloc(65, 4)))}`,
      /not encoded/,
    ],
    ['DSA', `anna ${publicKeyLine('ssh-dss', sshStrings('ssh-dss', 'p', 'q', 'g', 'y'))}`, /ssh-dss/],
    ['a short RSA key', `anna ${rsa(2047, E)}`, /2047 bits/],
    ['an RSA key with zeros before it', `anna ${rsa(2048, E, 1)}`, /not encoded/],
    ['an RSA exponent with zeros before it', `anna ${rsa(2048, Buffer.of(0, 1, 0, 1))}`, /not encoded/],
    ['an RSA exponent that signs for everybody', `anna ${rsa(2048, Buffer.of(1))}`, /not a key that/],
  ])('%s is refused, with its line', (_what, bad, why) => {
    expect(refusalOf(`carl ${key('B')}\n${bad}\n`)).toMatchObject({
      ...{ kind: 'refused', code: 'bad-signer-line', hint: expect.stringContaining('one person') as unknown },
      message: expect.stringMatching(new RegExp(`line 2 .*(?:${why.source})`)) as unknown,
    });
  });

  test('more than a thousand lines are refused before a key is decoded', () => {
    const lines = (count: number): string => '# remark\n' + 'anna ssh-ed25519 AAAA\n'.repeat(count);
    expect(refusalOf(lines(1001))).toMatchObject({
      code: 'bad-signer-line',
      message: expect.stringMatching(/line 1002 is one too many/) as unknown,
    });
    expect(refusalOf(lines(1000))).toMatchObject({ message: expect.stringMatching(/line 2 has a key/) as unknown });
  });

  test('what is no name may hold such signs, and every kind of key may stand there', () => {
    const kinds = [tokenKey('ed25519').publicKey, tokenKey('ecdsa').publicKey, rsa(2048, E)];
    const lines = ['# *', '', ' \t', ' # cert-authority', `anna namespaces="as-*" ${key('A')} why? cert-authority`];
    expect(refusalOf([...lines, ...kinds.map((one) => `bert ${one}`)].join('\n'))).toBeUndefined();
  });
});

describe('what a signature says of itself', () => {
  const content = { namespace: NAMESPACE, content: CONTENT };
  const key = sshStrings('ssh-ed25519', ed25519.getPublicKey(new Uint8Array(32).fill(7)));
  const none = Buffer.alloc(64);
  test.each([
    [
      'a hash that is not one of two',
      key,
      { ...content, hash: 'sha1' },
      sshStrings('ssh-ed25519', none),
      /its hash is "sha1"/,
    ],
    ['a kind that does not fit its key', key, content, sshStrings('ssh-rsa', none), /of the kind "ssh-rsa"/],
    ['no kind', key, content, Buffer.of(0), /of the kind ""/],
    ['a key that is none', Buffer.of(0, 0), content, none, /not encoded/],
    [
      'that it comes from a browser',
      blobOfToken(),
      content,
      Buffer.concat([sshStrings('webauthn-sk-ecdsa-sha2-nistp256@openssh.com', none), Buffer.of(1)]),
      /of the kind "webauthn/,
    ],
    [
      'flags that are cut away',
      blobOfToken(),
      content,
      sshStrings('sk-ecdsa-sha2-nistp256@openssh.com', none),
      /nobody touched/,
    ],
  ])('%s', (_what, blob, wanted, signature, fault) => {
    const decoded = decodeSshSignature(sshSignature(blob, wanted, () => signature));
    expect(decoded).toMatchObject({ fault: expect.stringMatching(fault) as unknown });
  });

  function blobOfToken(): Buffer {
    return Buffer.from(tokenKey('ecdsa').publicKey.split(' ')[1] ?? '', 'base64');
  }
});
