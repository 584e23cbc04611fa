import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Authority, openAuthority } from '../../src/authority/authority.js';
import type { NewEvent } from '../../src/authority/events/event.js';
import { findCredential } from '../../src/authority/find-credential.js';
import { readSettings } from '../../src/authority/formats/settings.js';
import { defaultSettings } from '../../src/authority/formats/settings-defaults.js';
import {
  decodeKeyRecord,
  decodeRevocation,
  encodeKeyRecord,
  encodeReserve,
  encodeRevocation,
  keyRecordPath,
  revocationPath,
} from '../../src/authority/formats/small-files.js';
import {
  encodeTranscript,
  NO_HEAD,
  parseTranscript,
  startTranscript,
  type Transcript,
} from '../../src/authority/formats/transcript.js';
import { FOLDERS } from '../../src/authority/ground/layout.js';
import { initAuthority } from '../../src/authority/init-authority.js';
import type { LockIdentity } from '../../src/authority/journal/lock.js';
import { withScratchCopy } from '../../src/authority/scratch-copy.js';
import { applyChange, type Change, withAuthority } from '../../src/authority/store.js';
import { encodePem } from '../../src/codec/pem.js';
import { encodeVector } from '../../src/codec/tls.js';
import { concatBytes, toHex, utf8 } from '../../src/common/bytes.js';
import { CeremonyError } from '../../src/common/errors.js';
import { encodeAsCredentialPayload } from '../../src/credential/as-credential.js';
import { decodeCredentialFile } from '../../src/credential/credential-file.js';
import { fingerprintOf } from '../../src/credential/fingerprint-of.js';
import { encodeIntermediateAsCredentialPayload } from '../../src/credential/intermediate-as-credential.js';
import { selfSignatureContent } from '../../src/credential/self-signed.js';
import { hash } from '../../src/crypto/hash.js';
import { fieldsOf } from '../support/events.js';
import { codeOf, temporaryFolder } from './support.js';

const AT = 1_795_339_800;
const writer = { toolVersion: '1.2.3', hostName: 'vault' };
const identity: LockIdentity = { hostName: 'vault', atSeconds: AT, random: (n) => new Uint8Array(randomBytes(n)) };
const { ciphersuite } = defaultSettings('example.org');
const expirationData = { notBefore: AT, notAfter: AT + 1000 };

function publicKey(): Uint8Array {
  const { x } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
  return new Uint8Array(Buffer.from(x ?? '', 'base64url'));
}

const noSignature = encodeVector(new Uint8Array(64));

/** A root that nobody signed: nothing here verifies. */
function rootPem(key = publicKey()): Uint8Array {
  const payload = encodeAsCredentialPayload({ asDomain: 'example.org', expirationData, ciphersuite, publicKey: key });
  return utf8(encodePem('AS CREDENTIAL', concatBytes(payload, noSignature)));
}

function intermediatePem(): Uint8Array {
  const signerFingerprint = new Uint8Array(32);
  const payload = encodeIntermediateAsCredentialPayload({
    expirationData,
    ciphersuite,
    publicKey: publicKey(),
    signerFingerprint,
  });
  return utf8(encodePem('INTERMEDIATE AS CREDENTIAL', concatBytes(payload, noSignature, noSignature)));
}

function change(operation: Change['operation'], files: Change['files'], more: Partial<Change> = {}): Change {
  return { operation, files, events: [], atSeconds: AT + 60, recordIn: { writer }, ...more };
}

/** What vouches for files whose contents nobody looks at here. */
const RECEIVED: NewEvent = { event: 'received', fields: { head: NO_HEAD } };
const ATTACHED: NewEvent = { event: 'key', fields: fieldsOf('key', { what: 'attached' }) };
const CLOCK: NewEvent = { event: 'clock', fields: fieldsOf('clock') };

let dir = '';

beforeEach(() => {
  dir = temporaryFolder();
  initAuthority(dir, { domain: 'example.org', ciphersuite, files: [], events: [], atSeconds: AT, writer }, identity);
});

/** All findings of opening. */
async function findings(): Promise<string[]> {
  try {
    await openAuthority(dir);
  } catch (error) {
    if (!(error instanceof CeremonyError)) throw error;
    expect(error).toMatchObject({ kind: 'could-not', code: 'authority-damaged' });
    return error.findings.map(({ message }) => message);
  }
  return [];
}

describe('initAuthority', () => {
  test('makes folders, settings and the first transcript', async () => {
    expect(readdirSync(dir).sort()).toEqual(['authority.yaml', ...FOLDERS].sort());
    const authority = await openAuthority(dir);
    expect(authority.settings).toEqual(defaultSettings('example.org'));
    expect(authority.newestSeconds).toBe(AT);
    expect(authority.transcripts.files).toEqual(['transcripts/0001-init.jsonl']);
    const { entries, previousTranscript, head } = parseTranscript(
      readFileSync(join(dir, 'transcripts/0001-init.jsonl')),
    );
    expect(previousTranscript).toBe(NO_HEAD);
    expect(authority.transcripts.head).toBe(head);
    expect(entries.map(({ event }) => event)).toEqual(['start', 'settings', 'files', 'end']);
    expect(entries[0]?.fields).toMatchObject({ tool_version: '1.2.3', command: 'init', machine: 'vault' });
    const sha256 = toHex(hash('sha256', readFileSync(join(dir, 'authority.yaml'))));
    const recorded = await readSettings(readFileSync(join(dir, 'authority.yaml')));
    expect(entries[1]?.fields).toEqual({ path: 'authority.yaml', sha256, values: recorded.values });
    expect(authority.settingsState).toEqual({ sha256, values: recorded.values, changes: undefined });
    expect(entries[2]?.fields).toEqual({ files: [{ path: 'authority.yaml', sha256, final: false }] });
  });

  test('refuses a folder that is an authority', () => {
    const made = { domain: 'example.org', ciphersuite, files: [], events: [], atSeconds: AT, writer };
    expect(codeOf(() => initAuthority(dir, made, identity))).toBe('authority-exists');
    expect(readdirSync(dir)).not.toContain('lock');
  });

  test('says so if it completes an interrupted init', () => {
    const temporary = 'x.0123456789ab.tmp';
    const [settings, sha256] = [
      readFileSync(join(dir, 'authority.yaml')),
      toHex(hash('sha256', readFileSync(join(dir, 'authority.yaml')))),
    ];
    rmSync(join(dir, 'authority.yaml'));
    const name = `.authority.yaml.${temporary.slice(2)}`;
    writeFileSync(join(dir, name), settings);
    const files = [{ temporary: name, path: 'authority.yaml', sha256, mode: 0o644 }];
    writeFileSync(join(dir, 'pending.json'), JSON.stringify({ version: 1, operation: 'init', files }));
    const made = { domain: 'other.example', ciphersuite, files: [], events: [], atSeconds: AT, writer };
    expect(() => initAuthority(dir, made, identity)).toThrow(
      expect.objectContaining({
        code: 'authority-exists',
        hint: expect.stringContaining('completed just now') as unknown,
      }),
    );
    expect(readFileSync(join(dir, 'authority.yaml'))).toEqual(settings);
  });
});

describe('openAuthority', () => {
  test('refuses a folder that is none, with the way to make one', async () => {
    for (const path of [temporaryFolder(), join(dir, 'nowhere')]) {
      await expect(openAuthority(path)).rejects.toMatchObject({
        code: 'no-authority',
        kind: 'could-not',
        remedies: [{ option: 'dir' }, { command: 'init', args: ['DOMAIN', path] }],
      });
    }
  });

  test('reads everything that lies there, by number', async () => {
    const key = publicKey();
    const files: { path: string; bytes: Uint8Array; secret?: true }[] = [];
    const put = (path: string, bytes: Uint8Array | string): void => {
      const secret = path.endsWith('.age') ? { secret: true as const } : {};
      files.push({ path, bytes: typeof bytes === 'string' ? utf8(bytes) : bytes, ...secret });
    };
    put('credentials/root-10.pem', rootPem());
    put('credentials/root-2.pem', rootPem(key));
    put('credentials/intermediate-3.pem', intermediatePem());
    put('keys/root-11.age', 'age');
    put(
      'keys/mine.json',
      encodeKeyRecord({ uri: 'file:keys/mine.age', scheme: ciphersuite.scheme, publicKey: key, madeAtSeconds: AT }),
    );
    put('bundles/bundle-000002.cose', 'b2');
    put('bundles/bundle-1000000.cose', 'b1000000');
    put('bundles/bundle-000001.cose', 'b1');
    put(
      revocationPath(new Uint8Array(64)),
      encodeRevocation({ fingerprint: new Uint8Array(64), revokedAtSeconds: AT, reason: 'superseded' }),
    );
    const asKey = (path: string): boolean => /^(keys|requests)\//.test(path);
    const theirs = files.filter(({ path }) => !asKey(path));
    applyChange(await openAuthority(dir), change('ledger receive', theirs, { events: [RECEIVED] }));
    const ours = files.filter(({ path }) => asKey(path));
    applyChange(await openAuthority(dir), change('key attach', ours, { events: [ATTACHED] }));
    writeFileSync(join(dir, 'requests/intermediate-7.pem'), 'not checked');
    writeFileSync(join(dir, 'transcripts/0001-init.jsonl.alice.sig'), 'x');
    const authority = await openAuthority(relative(process.cwd(), dir));
    expect(authority.dir).toBe(dir);
    expect(authority.roots.map(({ file, number }) => [file, number])).toEqual([
      ['credentials/root-2.pem', 2],
      ['credentials/root-10.pem', 10],
    ]);
    expect(authority.roots[0]?.fingerprint).toBe(
      toHex(hash('sha256', authority.roots[0]?.credential.encoded ?? new Uint8Array())),
    );
    expect(authority.intermediates.map(({ number }) => number)).toEqual([3]);
    expect(authority.bundles.map(({ number, bytes }) => [number, Buffer.from(bytes).toString()])).toEqual([
      [1, 'b1'],
      [2, 'b2'],
      [1_000_000, 'b1000000'],
    ]);
    expect(authority.keyRecordFor(key)).toMatchObject({
      name: 'mine',
      file: 'keys/mine.json',
      uri: 'file:keys/mine.age',
      madeAtSeconds: AT,
    });
    expect(authority.keyRecordFor(publicKey())).toBeUndefined();
    expect(authority.revocations).toMatchObject([{ revokedAtSeconds: AT, reason: 'superseded' }]);
    expect(authority.requests).toEqual(['requests/intermediate-7.pem']);
    expect([authority.nextNumber('root'), authority.nextNumber('intermediate')]).toEqual([12, 8]);
  });

  test('begins to number with 1', async () => {
    const authority = await openAuthority(dir);
    expect([authority.nextNumber('root'), authority.nextNumber('intermediate')]).toEqual([1, 1]);
  });

  test('lists every file that is damaged or does not belong', async () => {
    const pem = rootPem();
    const bad: Record<string, Uint8Array | string> = {
      'bundles/bundle-1.cose': '',
      'credentials/root-01.pem': pem,
      'credentials/root-1.pem': 'x',
      'credentials/root-2.pem': encodePem('AS CREDENTIAL', utf8('x')),
      'credentials/root-3.pem': pem,
      'credentials/root-4.pem': pem,
      'credentials/intermediate-1.pem': rootPem(),
      'keys/root-1.txt': '',
      'keys/root-1.json': '{"version":2}',
      'revocations/a.json': '{"version":1,"version":1}',
      'transcripts/notes.txt': '',
      'transcripts/0001-other.jsonl': '',
    };
    for (const [path, contents] of Object.entries(bad)) writeFileSync(join(dir, path), contents);
    mkdirSync(join(dir, 'credentials/root-9.pem'));
    const found = await findings();
    const named = found.map((message) => message.split(':')[0]).sort();
    expect(named).toEqual([...Object.keys(bad), 'credentials/root-9.pem', 'transcripts/0001-other.jsonl'].sort());
  });

  test('takes a torn or unfinished newest transcript of a ceremony, and says so; of nothing else', async () => {
    const { transcripts } = await openAuthority(dir);
    const path = join(dir, 'transcripts/0002-run.jsonl');
    const start = (command: string): Transcript =>
      startTranscript({
        previousHead: transcripts.head,
        fields: { tool: 'as-ceremony', tool_version: '1', command, machine: 'vault' },
        atSeconds: AT,
      });
    const { lines, head } = start('run');
    for (const torn of ['', '{"seq":1,"time":"20']) {
      writeFileSync(path, `${lines[0] ?? ''}\n${torn}`);
      const authority = await openAuthority(dir);
      expect(authority.transcripts.incomplete).toBe(true);
      expect(authority.transcripts.head).toBe(head);
      expect(codeOf(() => applyChange(authority, change('revoke', [])))).toBe('transcript-unfinished');
    }
    const another = join(dir, 'transcripts/0002-revoke.jsonl');
    renameSync(path, another);
    writeFileSync(another, encodeTranscript(start('revoke')));
    expect(await findings()).toEqual([expect.stringMatching(/^transcripts\/0002-revoke.jsonl: .*cut short/)]);
    renameSync(another, path);
    writeFileSync(path, encodeTranscript(start('run')).subarray(0, 60));
    expect(await findings()).toHaveLength(1);
  });

  test('shows what an interrupted command left', async () => {
    writeFileSync(join(dir, 'keys/.root-1.age.0123456789ab.tmp'), 'x');
    expect((await openAuthority(dir)).pending).toEqual({
      kind: 'rolled-back',
      files: ['keys/.root-1.age.0123456789ab.tmp'],
    });
  });
});

describe('applyChange', () => {
  test('writes files and transcript together, linked to the one before; secrets in no form', async () => {
    const before = await openAuthority(dir);
    const pem = rootPem();
    const secret = utf8('a secret');
    const { payloadBytes } = decodeCredentialFile(pem, ['as_credential']);
    const signed = toHex(hash('sha256', selfSignatureContent('AsCredential', payloadBytes)));
    const applied = applyChange(
      before,
      change(
        'root generate',
        [
          { path: 'keys/root-1.age', bytes: secret, mode: 0o600, secret: true },
          { path: 'credentials/root-1.pem', bytes: pem },
        ],
        {
          events: [{ event: 'sign', fields: fieldsOf('sign', { what: 'AsCredential', signed_sha256: signed }) }],
          toSign: ['alice'],
        },
      ),
    );
    expect(applied.transcript).toBe('transcripts/0002-root-generate.jsonl');
    const after = await openAuthority(dir);
    expect(after.roots).toHaveLength(1);
    expect(after.transcripts.head).toBe(applied.head);
    expect(after.newestSeconds).toBe(AT + 60);
    const bytes = readFileSync(join(dir, applied.transcript));
    const transcript = parseTranscript(bytes);
    expect(transcript.previousTranscript).toBe(before.transcripts.head);
    expect(transcript.entries.map(({ event }) => event)).toEqual(['start', 'sign', 'files', 'end']);
    expect(transcript.entries[2]?.fields).toEqual({
      files: [{ path: 'credentials/root-1.pem', sha256: toHex(hash('sha256', pem)) }],
    });
    expect(transcript.entries[3]?.fields).toEqual({ to_sign: ['alice'] });
    expect(bytes.toString()).not.toContain(toHex(hash('sha256', secret)));
  });

  test('goes back in time with clock recover alone', async () => {
    const authority = await openAuthority(dir);
    const at = (atSeconds: number): string | undefined =>
      codeOf(() => applyChange(authority, change('revoke', [], { atSeconds })));
    expect(at(AT - 1)).toBe('clock');
    expect(readdirSync(join(dir, 'transcripts'))).toHaveLength(1);
    expect(at(AT)).toBeUndefined();
    const recovered = change('clock recover', [], { atSeconds: AT - 1 });
    expect(codeOf(() => applyChange(authority, { ...recovered, events: [CLOCK] }))).toBeUndefined();
  });

  test('says first what was noted, and has a secret’s mode', async () => {
    const noted = [{ event: 'memory', fields: { what: 'it is another', answer: 'go on' } }] as const;
    const files = [
      { path: 'keys/a.age', bytes: utf8('x'), mode: 0o600, secret: true },
      { path: 'keys/a.json', bytes: utf8('{}') },
    ];
    const { transcript } = applyChange(
      await openAuthority(dir),
      change('key attach', files, { events: [ATTACHED], recordIn: { writer, noted } }),
    );
    const { entries } = parseTranscript(readFileSync(join(dir, transcript)));
    expect(entries.map(({ event }) => event)).toEqual(['start', 'memory', 'key', 'files', 'end']);
    expect(statSync(join(dir, 'keys/a.age')).mode & 0o777).toBe(0o600);
    expect(statSync(join(dir, 'keys/a.json')).mode & 0o777).toBe(0o644);
  });

  test('a key file gives way to the one that was named alone', async () => {
    writeFileSync(join(dir, 'keys/a.age'), 'old');
    const authority = await openAuthority(dir);
    const to = (replaces: string): string | undefined =>
      codeOf(() =>
        applyChange(
          authority,
          change('key change-passphrase', [
            { path: 'keys/a.age', bytes: utf8('new'), mode: 0o600, secret: true, replaces },
          ]),
        ),
      );
    expect(to(toHex(hash('sha256', utf8('other'))))).toBe('file-changed');
    expect(to(toHex(hash('sha256', utf8('old'))))).toBeUndefined();
    expect(readFileSync(join(dir, 'keys/a.age'), 'utf8')).toBe('new');
  });

  test('a root in reserve is the one of its file', async () => {
    const pem = rootPem();
    const fingerprint = toHex(fingerprintOf(decodeCredentialFile(pem, ['as_credential'])));
    const received = (named: string): Change =>
      change(
        'ledger receive',
        [
          { path: 'credentials/root-1.pem', bytes: pem },
          { path: 'credentials/root-1.reserve.json', bytes: encodeReserve({ fingerprint: named, atSeconds: AT }) },
        ],
        { events: [RECEIVED] },
      );
    applyChange(await openAuthority(dir), received('ab'.repeat(32)));
    expect(await findings()).toContainEqual(expect.stringMatching(/there is no root to which it could belong/));
    const made = { domain: 'example.org', ciphersuite, files: [], events: [], atSeconds: AT, writer };
    dir = temporaryFolder();
    initAuthority(dir, made, identity);
    applyChange(await openAuthority(dir), received(fingerprint));
    expect([...(await openAuthority(dir)).reserves]).toEqual([fingerprint]);
  });

  test('is tried out in a copy that has all but private keys', async () => {
    writeFileSync(join(dir, 'keys/a.age'), 'secret');
    writeFileSync(join(dir, 'requests/a.pem'), 'request');
    const copied = await withScratchCopy(dir, (copy) => {
      const names = readdirSync(copy, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
      return Promise.resolve({ copy, names: names.map(({ name }) => name).sort() });
    });
    expect(copied.names).toEqual(['0001-init.jsonl', 'a.pem', 'authority.yaml']);
    expect(existsSync(copied.copy)).toBe(false);
  });

  test('writes nothing if a name is taken', async () => {
    const authority = await openAuthority(dir);
    writeFileSync(join(dir, 'credentials/root-1.pem'), rootPem());
    expect(
      codeOf(() =>
        applyChange(authority, change('root generate', [{ path: 'credentials/root-1.pem', bytes: rootPem() }])),
      ),
    ).toBe('file-exists');
    expect(readdirSync(join(dir, 'transcripts'))).toEqual(['0001-init.jsonl']);
  });
});

describe('withAuthority', () => {
  test('locks, recovers, opens, and unlocks also after an error', async () => {
    writeFileSync(join(dir, 'keys/.root-1.age.0123456789ab.tmp'), 'x');
    const error = await withAuthority(dir, 'revoke', identity, ({ authority, recovery }) => {
      expect(recovery?.kind).toBe('rolled-back');
      expect(authority.pending).toBeUndefined();
      expect(readdirSync(dir)).toContain('lock');
      return Promise.reject(new Error('stopped'));
    }).catch((thrown: unknown) => thrown);
    expect(String(error)).toContain('stopped');
    expect(readdirSync(dir)).not.toContain('lock');
  });

  test('leaves a folder that is no authority as it is', async () => {
    const other = temporaryFolder();
    await expect(withAuthority(other, 'revoke', identity, () => Promise.resolve(0))).rejects.toMatchObject({
      code: 'no-authority',
    });
    expect(readdirSync(other)).toEqual([]);
  });
});

describe('findCredential', () => {
  let authority: Authority;
  beforeEach(async () => {
    const files = [
      { path: 'credentials/root-1.pem', bytes: rootPem() },
      { path: 'credentials/intermediate-1.pem', bytes: intermediatePem() },
    ];
    applyChange(await openAuthority(dir), change('ledger receive', files, { events: [RECEIVED] }));
    const opened = await openAuthority(dir);
    const fingerprints = ['abcdef0123' + '0'.repeat(54), 'abcdef0124' + '0'.repeat(54)];
    authority = {
      ...opened,
      roots: opened.roots.map((one) => ({ ...one, fingerprint: fingerprints[0] ?? '' })),
      intermediates: opened.intermediates.map((one) => ({ ...one, fingerprint: fingerprints[1] ?? '' })),
    };
  });

  test('by file, whole fingerprint, or unique prefix', () => {
    const root = 'credentials/root-1.pem';
    for (const text of [
      'root-1',
      'root-1.pem',
      root,
      join(dir, root),
      relative(process.cwd(), join(dir, root)),
      'abcdef0123',
      'ABCDEF01230',
      'abcdef0123' + '0'.repeat(54),
    ]) {
      expect(findCredential(authority, text).file).toBe(root);
    }
    expect(findCredential(authority, 'abcdef0124').file).toBe('credentials/intermediate-1.pem');
  });

  test('needs 8 digits, and all that tell them apart', () => {
    expect(() => findCredential(authority, 'abcdef01')).toThrow(
      expect.objectContaining({
        kind: 'refused',
        code: 'ambiguous-name',
        message: expect.stringMatching(/root-1.*intermediate-1/) as unknown,
      }),
    );
    authority = { ...authority, intermediates: [] };
    expect(findCredential(authority, 'abcdef01').number).toBe(1);
    expect(() => findCredential(authority, 'abcdef0')).toThrow(/8 hex digits/);
  });

  test.each(['', 'root-2', 'abcdef0125', 'abcdef0123' + '0'.repeat(55), '../credentials/root-1.pem', 'zz'])(
    'refuses %j',
    (text) => {
      expect(codeOf(() => findCredential(authority, text))).toBe('unknown-credential');
    },
  );

  test('mentions prefixes if it was given one', () => {
    const said = (text: string) => () => findCredential(authority, text);
    expect(said('beef')).toThrow(/\(a prefix has 8 hex digits or more\)/);
    for (const text of ['root-2', '2-root', 'beefbeef']) expect(said(text)).toThrow(/holds no credential "[^"]+"$/);
  });
});

describe('records', () => {
  const key = {
    uri: 'pkcs11:token=a;object=b',
    scheme: ciphersuite.scheme,
    publicKey: new Uint8Array(32).fill(7),
    madeAtSeconds: AT,
  };
  const revocation = {
    fingerprint: new Uint8Array(48).fill(7),
    revokedAtSeconds: AT,
    reason: 'key-compromise',
  } as const;
  const keyText = Buffer.from(encodeKeyRecord(key)).toString();
  const revocationText = Buffer.from(encodeRevocation(revocation)).toString();

  test('are read back, and lie in their places', () => {
    expect(decodeKeyRecord(utf8(keyText))).toEqual(key);
    expect(decodeRevocation(utf8(revocationText))).toEqual(revocation);
    expect(keyRecordPath('root-1')).toBe('keys/root-1.json');
    expect(revocationPath(Uint8Array.of(1, 2))).toBe('revocations/0102.json');
  });

  test('a key in an HSM has what its token said of it, and a record without that is read as before', () => {
    const facts = {
      serial: '01',
      origin: 'adopted',
      backup: 'wrapped',
      attributes: { sensitive: true, modifiable: null },
    };
    const hsm = { origin: 'adopted', backup: 'wrapped', facts } as const;
    const text = Buffer.from(encodeKeyRecord({ ...key, hsm })).toString();
    expect(decodeKeyRecord(utf8(text))).toEqual({ ...key, hsm });
    for (const bad of [
      text.replace('adopted', 'found'),
      text.replace('wrapped', 'copied'),
      keyText.replace('{', '{"hsm": 1,'),
    ]) {
      expect(decodeKeyRecord(utf8(bad))).toMatch(/^hsm is not an object/);
    }
  });

  test.each([
    [keyText.replace('pkcs11:', 'http:'), /uri/],
    [keyText.replace('ed25519', 'ed25518'), /scheme/],
    [keyText.replace('0707', '07'), /32 bytes/],
    [keyText.replace('2026-11-22', '2026-11-32'), /made_at/],
    [keyText.replace('"version": 1', '"version": 2'), /version/],
    [keyText.replace('{', '{"more": 1,'), /keys/],
    [keyText.replace('{', '['), /JSON/],
  ])('a bad key record is refused (%#)', (text, reason) => {
    expect(decodeKeyRecord(utf8(text))).toMatch(reason);
  });

  test.each([
    [revocationText.replace('0707', '07'), /32, 48 or 64/],
    [revocationText.replace('key-compromise', 'bored'), /reason/],
    [revocationText.replace('2026-11-22', 'yesterday'), /revoked_at/],
    [revocationText.replace('"reason"', '"cause"'), /keys/],
  ])('a bad revocation is refused (%#)', (text, reason) => {
    expect(decodeRevocation(utf8(text))).toMatch(reason);
  });
});
