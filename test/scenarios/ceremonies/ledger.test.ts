/** The record of an authority: every transcript there, linked and unchanged, and who vouches for it. */
import { appendFileSync, copyFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { cli, cliJson, type Ended, type JsonRecord } from '../../support/cli/cli.js';
import { authorityWith, mustSucceed, newFolder, readTree, type Scene } from '../../support/cli/cli-authority.js';
import { expectJsonRefusal, expectRefusal } from '../../support/cli/cli-errors.js';
import { addCeremony, newestTranscript } from '../../support/cli/transcripts.js';
import { makeSshKey, sshTest, writeAllowedSigners } from '../../support/keys/ssh-keys.js';

const verify = ({ dir }: Scene): Ended & { readonly json: JsonRecord } => cliJson(['-C', dir, 'ledger', 'verify']);
const now = (): number => Math.floor(Date.now() / 1000);
const at = ({ dir }: Scene, name: string): string => join(dir, name);

describe('ledger verify', () => {
  test('gives the number of transcripts and the head, and changes nothing', () => {
    const scene = authorityWith('bundle');
    const before = readTree(scene.dir);
    const shown = cliJson(['transcript', 'show', newestTranscript(scene)]).json;
    expect(verify(scene)).toMatchObject({
      status: 0,
      json: { ok: true, transcripts: 5, head: shown.head, incomplete: false, anchor: null, unanchored: 5 },
    });
    expect(cli(['-C', scene.dir, 'ledger', 'verify']).stdout).toMatch(
      /No transcript has a valid signature of a witness/,
    );
    expect(readTree(scene.dir)).toEqual(before);
  });

  const damages: readonly [string, (scene: Scene) => void, RegExp][] = [
    [
      'a gap',
      (scene) => rmSync(at(scene, 'transcripts/0003-intermediate-request.jsonl')),
      /0004-intermediate-issue.jsonl: it is not linked/,
    ],
    [
      'the first one missing',
      (scene) => rmSync(at(scene, 'transcripts/0001-init.jsonl')),
      /0002-root-generate.jsonl: it is not linked/,
    ],
    [
      'the newest one missing, by what it made',
      (scene) => rmSync(newestTranscript(scene)),
      /bundle-000001.cose: no transcript says/,
    ],
    [
      'a fork',
      (scene) => {
        const rival = addCeremony(scene);
        // It takes the number of one that follows the same transcript.
        renameSync(rival, at(scene, 'transcripts/0007-rival.jsonl'));
        addCeremony(scene);
        copyFileSync(at(scene, 'transcripts/0008-run.jsonl'), at(scene, 'transcripts/0009-late.jsonl'));
      },
      /0009-late.jsonl: it follows the same transcript as transcripts\/0008-run.jsonl: the record forks/,
    ],
    [
      'one number twice',
      (scene) => copyFileSync(newestTranscript(scene), at(scene, 'transcripts/0005-copy.jsonl')),
      /its number is taken|forks/,
    ],
    [
      'a changed line',
      (scene) => {
        const file = at(scene, 'transcripts/0002-root-generate.jsonl');
        writeFileSync(file, readFileSync(file, 'utf8').replace('"what":"AsCredential"', '"what":"AsCredentials"'));
      },
      /0002-root-generate.jsonl: /,
    ],
    [
      'a changed file',
      (scene) => appendFileSync(at(scene, 'credentials/root-1.pem'), '\n'),
      /root-1.pem: it is not the file/,
    ],
    ['a missing file', (scene) => rmSync(at(scene, 'keys/root-1.json')), /root-1.json: it is missing/],
    [
      'a file that nobody recorded',
      (scene) => copyFileSync(at(scene, 'credentials/root-1.pem'), at(scene, 'credentials/root-7.pem')),
      /root-7.pem: no transcript says/,
    ],
  ];
  test.each(damages)('finds %s', (_name, damage, says) => {
    const scene = authorityWith('bundle');
    damage(scene);
    const ended = verify(scene);
    expectJsonRefusal(ended, { status: 1, code: 'ledger-broken', says });
    expect(ended.json).toMatchObject({ ok: false, head: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown });
  });

  test('says that the newest has no end', () => {
    const scene = authorityWith('root');
    addCeremony(scene, { withoutEnd: true, atSeconds: now() });
    expect(verify(scene)).toMatchObject({ status: 0, json: { ok: true, incomplete: true } });
    expect(cli(['-C', scene.dir, 'ledger', 'verify']).stdout).toMatch(/INCOMPLETE/);
  });

  test('needs an authority', () => {
    expectRefusal(cli(['-C', newFolder(), 'ledger', 'verify']), { status: 3, code: 'no-authority' });
  });

  sshTest('names the newest transcript that a witness vouches for, and how many come after it', () => {
    const scene = authorityWith('root');
    const key = makeSshKey(scene.folder, 'anna');
    writeAllowedSigners(at(scene, 'allowed_signers'), [['anna', key]]);
    const file = addCeremony(scene, { toSign: ['anna', 'bert'], atSeconds: now() });
    mustSucceed(cli(['transcript', 'sign', file, '--as', 'anna', '--key', key.file, '--yes']));
    expect(verify(scene).json).toMatchObject({ ok: true, anchor: file, unanchored: 0 });
    addCeremony(scene, { atSeconds: now() });
    const { json } = verify(scene);
    expect(json).toMatchObject({ ok: true, anchor: file, unanchored: 1 });
    expect(json.signed).toMatchObject([
      {
        transcript: file,
        signatures: [
          { principal: 'anna', state: 'valid' },
          { principal: 'bert', state: 'missing' },
        ],
      },
    ]);
    // A signature is no change of the authority: commands go on.
    mustSucceed(cli(['-C', scene.dir, 'status']));
    writeFileSync(`${file}.bert.sig`, readFileSync(`${file}.anna.sig`));
    expectJsonRefusal(verify(scene), { status: 1, code: 'ledger-broken', says: 'the signature of bert' });
  });
});
