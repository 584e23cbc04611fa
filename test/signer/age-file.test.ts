import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { armor, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import fc from 'fast-check';
import { concatBytes, utf8 } from '../../src/common/bytes.js';
import { untypeableIn } from '../../src/common/printable.js';
import { openKey, sealKey } from '../../src/signer/age-file.js';
import { MAX_KEY_FILE, readAgeFile } from '../../src/signer/age-header.js';
import { encodeSecretPem } from '../../src/signer/secret-pem.js';
import { couldNotError, random } from '../support/keys/software-keys.js';
import { hasTool, testWhere } from '../support/machine/tools.js';

const PEM = encodeSecretPem(new Uint8Array(48).fill(7));
const PASSPHRASE = utf8('Spaß, correct: 鍵 🔑');
/** As somebody may have chosen one with another tool. */
const ELSEWHERE = utf8(' Küche, correct: 鍵 🔑 ');
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/**
 * Runs a program with a terminal, on which it asks `count` times for the passphrase, as the file descriptor of a
 * person.
 */
function withTerminal(passphrase: Uint8Array, count: number, command: string[]): void {
  const script = [
    'log_user 0',
    'set timeout 60',
    'set f [open $env(PASS_FILE) rb]',
    'set p [read $f]',
    'close $f',
    `spawn -noecho ${command.join(' ')}`,
    'fconfigure $spawn_id -encoding binary',
    // A little patience: typed before age turns the echo off, the passphrase would be flushed away.
    ...Array<string>(count).fill('expect "passphrase*:"\nsleep 0.3\nsend -- "$p\\r"'),
    'expect eof',
    'lassign [wait] pid spawn os status',
    'exit $status',
  ].join('\n');
  inFolder((folder) => {
    const file = join(folder, 'pass');
    writeFileSync(file, passphrase, { mode: 0o600 });
    const { status, stderr } = spawnSync('expect', ['-c', script], {
      env: { ...process.env, PASS_FILE: file },
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
}

function inFolder(use: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'age-'));
  try {
    use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('with the age program', () => {
  const tools = hasTool('age') && hasTool('expect');

  testWhere(tools, 'age or expect', 'age -d opens what we seal, at work factor 18', async () => {
    const file = await sealKey(PEM, PASSPHRASE, 18);
    expect(text(armor.decode(text(file)))).toMatch(
      /^age-encryption.org\/v1\n-> scrypt [\w+/]{22} 18\n[\w+/]{43}\n--- [\w+/]{43}\n/,
    );
    inFolder((folder) => {
      writeFileSync(join(folder, 'in.age'), file);
      withTerminal(PASSPHRASE, 1, ['age', '-d', '-o', join(folder, 'out'), join(folder, 'in.age')]);
      expect(new Uint8Array(readFileSync(join(folder, 'out')))).toEqual(PEM);
    });
  });

  testWhere(tools, 'age or expect', 'what age -p -a seals we open', () => {
    let file = new Uint8Array();
    inFolder((folder) => {
      writeFileSync(join(folder, 'in'), PEM);
      withTerminal(ELSEWHERE, 2, ['age', '-p', '-a', '-o', join(folder, 'out.age'), join(folder, 'in')]);
      file = new Uint8Array(readFileSync(join(folder, 'out.age')));
    });
    return expect(openKey(file, ELSEWHERE)).resolves.toEqual(PEM);
  });
});

describe('sealing and opening', () => {
  test('there and back for many passphrases; every file differs', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), async (passphrase) => {
        if (untypeableIn(passphrase) !== undefined) return;
        const file = await sealKey(PEM, utf8(passphrase), 14);
        expect(await openKey(file, utf8(passphrase))).toEqual(PEM);
        expect(await sealKey(PEM, utf8(passphrase), 14)).not.toEqual(file);
      }),
      { numRuns: 10 },
    );
  });

  test('spaces, case and Unicode form all matter', async () => {
    const file = await sealKey(PEM, utf8('ein Maß'), 14);
    await expect(openKey(file, utf8('ein Maß'))).resolves.toEqual(PEM);
    for (const other of [
      'ein\u00a0Maß',
      ' ein Maß',
      'ein Maß ',
      'Ein Maß',
      'ein Mass',
      '',
      'ein Maß\n',
      '\u{FEFF}ein Maß',
    ]) {
      await expect(openKey(file, utf8(other), 'file:keys/a.age')).rejects.toEqual(
        couldNotError('wrong-passphrase', 'does not open file:keys/a.age'),
      );
    }
    await expect(openKey(file, utf8('\u{FEFF}ein Maß'))).rejects.toMatchObject({
      hint: expect.stringContaining('byte-order mark') as unknown,
    });
    await expect(openKey(file, Uint8Array.of(0xff))).rejects.toEqual(couldNotError('wrong-passphrase'));
  });

  test('passphrases that cannot be typed later are not taken', async () => {
    for (const passphrase of [new Uint8Array(), Uint8Array.of(0x61, 0xff), utf8('a\nb')]) {
      await expect(sealKey(PEM, passphrase, 14)).rejects.toEqual(couldNotError('bad-passphrase'));
    }
  });

  test('work factors 13 and 23 are not taken, nor what is not a whole number', async () => {
    for (const factor of [13, 23, 14.5, NaN])
      await expect(sealKey(PEM, PASSPHRASE, factor)).rejects.toMatchObject({ code: 'usage' });
    await expect(sealKey(PEM, PASSPHRASE, 14)).resolves.toBeDefined();
  });

  test("the caller's secrets are left as they were", async () => {
    const [pem, passphrase] = [PEM.slice(), PASSPHRASE.slice()];
    await openKey(await sealKey(pem, passphrase, 14), passphrase);
    expect([pem, passphrase]).toEqual([PEM, PASSPHRASE]);
  });
});

describe('files that are refused', () => {
  const sealed = sealKey(PEM, PASSPHRASE, 14);

  test('cut short anywhere, they are never opened', async () => {
    const file = await sealed;
    for (let length = 0; length < file.length - 1; length++) {
      expect(() => readAgeFile(file.slice(0, length), 'it')).toThrow(couldNotError('bad-key-file'));
    }
    await expect(openKey(file.slice(0, -1), PASSPHRASE)).resolves.toEqual(PEM);
  });

  test('any changed bit inside is noticed', async () => {
    const binary = armor.decode(text(await sealed));
    for (let at = 0; at < binary.length; at += 11) {
      const changed = utf8(armor.encode(binary.map((byte, i) => (i === at ? byte ^ 1 : byte))));
      const code = expect.stringMatching(/^(bad-key-file|wrong-passphrase)$/) as unknown;
      await expect(openKey(changed, PASSPHRASE)).rejects.toMatchObject({ kind: 'could-not', code });
    }
    const longer = utf8(armor.encode(concatBytes(binary, Uint8Array.of(0))));
    await expect(openKey(longer, PASSPHRASE)).rejects.toEqual(couldNotError('bad-key-file', 'damaged'));
  });

  test('the right passphrase and a damaged payload are not called a wrong passphrase', async () => {
    const binary = armor.decode(text(await sealed));
    const changed = binary.map((byte, i) => (i === binary.length - 1 ? byte ^ 1 : byte));
    await expect(openKey(utf8(armor.encode(changed)), PASSPHRASE)).rejects.toEqual(
      couldNotError('bad-key-file', 'its passphrase is right'),
    );
  });

  test('anything around the armor, or in it', async () => {
    const file = text(await sealed);
    const body = file.split('\n')[1] ?? '';
    const cases: [string, string][] = [
      ['is empty', ''],
      ['is empty', '\n\n'],
      ['text before its armor', `# root key\n${file}`],
      ['text before its armor', `\n${file}`],
      ['text before its armor', `\ufeff${file}`],
      ['text after its armor', `${file}x`],
      ['text after its armor', `${file}\n`],
      ['text after its armor', file + file],
      ['damaged armor', file.replace('\n', '\n\n')],
      ['damaged armor', file.replace(body, body.slice(0, 60) + '\n' + body.slice(60))],
      ['damaged armor', file.replace(body, ` ${body}`)],
      ['damaged armor', file.replace(body, body.slice(0, -1) + '-')],
      ['not an armored age file', '-----BEGIN PRIVATE KEY-----\n'],
      ['not an armored age file', 'AGE-SECRET-KEY-1'],
    ];
    for (const [what, content] of cases) {
      expect(() => readAgeFile(utf8(content), 'it')).toThrow(couldNotError('bad-key-file', what));
    }
    expect(() => readAgeFile(armor.decode(file), 'it')).toThrow(couldNotError('bad-key-file', 'without armor'));
    expect(() => readAgeFile(Uint8Array.of(0xff, 0xfe), 'it')).toThrow(couldNotError('bad-key-file', 'not an armored'));
    expect(readAgeFile(utf8(file.replaceAll('\n', '\r\n')), 'it').workFactor).toBe(14);
  });

  test('a file to recipients says so', async () => {
    const encrypter = new Encrypter();
    for (let i = 0; i < 2; i++) encrypter.addRecipient(await identityToRecipient(await generateX25519Identity()));
    const file = utf8(armor.encode(await encrypter.encrypt(PEM)));
    await expect(openKey(file, PASSPHRASE)).rejects.toEqual(
      couldNotError('bad-key-file', 'encrypted to 2 recipients (X25519, X25519)'),
    );
  });

  test('work factors, stanzas and versions that are not ours are refused before anything is computed', async () => {
    const binary = armor.decode(text(await sealed));
    const headerEnd = new TextDecoder('latin1').decode(binary).indexOf('\n--- ') + 49;
    const header = text(binary.slice(0, headerEnd));
    const withHeader = (changed: string): Uint8Array =>
      utf8(armor.encode(concatBytes(utf8(changed), binary.slice(headerEnd))));
    const stanza = /-> scrypt [^-]*/.exec(header)?.[0] ?? '';
    const cases: [string, string][] = [
      ['work factor 13;', header.replace(' 14\n', ' 13\n')],
      ['work factor 23;', header.replace(' 14\n', ' 23\n')],
      ['work factor 999999999;', header.replace(' 14\n', ' 999999999\n')],
      ['damaged age header', header.replace(' 14\n', ' 014\n')],
      ['damaged age header', header.replace(' 14\n', ' -14\n')],
      ['damaged age header', header.replace(' 14\n', ' 14 1\n')],
      ['damaged age header', header.replace(' 14\n', '\n')],
      ['2 recipients (scrypt, scrypt)', header.replace(stanza, stanza + stanza)],
      ['2 recipients (scrypt, X25519)', header.replace(stanza, stanza + stanza.replace('scrypt', 'X25519'))],
      ['2 recipients (scrypt, unknown)', header.replace(stanza, stanza + stanza.replace('scrypt', '\u001b[31m'))],
      ['1 recipients (ssh-rsa)', header.replace('scrypt', 'ssh-rsa')],
      ['0 recipients', header.replace(stanza, '')],
      ['not of format', header.replace('/v1', '/v2')],
    ];
    for (const [what, changed] of cases) {
      expect(changed).not.toBe(header);
      await expect(openKey(withHeader(changed), PASSPHRASE)).rejects.toEqual(couldNotError('bad-key-file', what));
    }
    for (const factor of ['15', '22'])
      expect(readAgeFile(withHeader(header.replace(' 14\n', ` ${factor}\n`)), 'it').workFactor).toBe(Number(factor));
  });

  test('the size limit: one below, at, one above', async () => {
    const big = async (plaintext: number): Promise<Uint8Array> => {
      const encrypter = new Encrypter();
      encrypter.setPassphrase('x');
      encrypter.setScryptWorkFactor(14);
      return utf8(armor.encode(await encrypter.encrypt(random(plaintext))));
    };
    const file = await big(40_000);
    expect(file.length).toBeLessThan(MAX_KEY_FILE);
    await expect(openKey(file, utf8('x'))).resolves.toHaveLength(40_000);
    const padded = (length: number): Uint8Array => concatBytes(file, new Uint8Array(length - file.length).fill(0x0a));
    expect(() => readAgeFile(padded(MAX_KEY_FILE), 'it')).toThrow(couldNotError('bad-key-file', 'text after'));
    expect(() => readAgeFile(padded(MAX_KEY_FILE + 1), 'it')).toThrow(
      couldNotError('bad-key-file', 'bytes, and a key file at most'),
    );
  });
});
