/** Where key files on other media may lie, and by which ways. */
import { chmodSync, lchownSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { elsewhereFault } from '../../../src/authority/ground/elsewhere.js';
import { isRoot } from '../../support/machine/mounts.js';
import { temporaryFolder } from '../support.js';

function places(): { readonly at: string; readonly dir: string; readonly medium: string } {
  const at = temporaryFolder();
  const [dir, medium] = [join(at, 'authority'), join(at, 'medium')];
  for (const folder of [dir, join(dir, 'keys'), medium]) mkdirSync(folder);
  return { at, dir, medium };
}

describe('a key file by its absolute path', () => {
  test('may be on another medium, even if that is missing, and behind links of one’s own', () => {
    const { at, dir, medium } = places();
    symlinkSync(medium, join(at, 'stick'));
    symlinkSync('stick', join(at, 'again'));
    for (const path of ['medium/a.age', 'stick/a.age', 'again/a.age', 'gone/deeper/a.age'])
      expect([path, elsewhereFault(dir, join(at, path))]).toEqual([path, undefined]);
  });

  test('is in no authority, as written or through links', () => {
    const { at, dir, medium } = places();
    symlinkSync(medium, join(dir, 'lnk'));
    symlinkSync(dir, join(at, 'alias'));
    symlinkSync(join(dir, 'keys'), join(at, 'keys'));
    const paths = ['authority/a.age', 'authority/keys/a.age', 'authority/lnk/a.age', 'authority/gone/a.age'];
    for (const path of [...paths, 'alias/lnk/a.age', 'alias/gone/a.age', 'keys/a.age', 'keys/deeper/a.age'])
      expect([path, elsewhereFault(dir, join(at, path))]).toEqual([path, expect.stringMatching(/^it is in the auth/)]);
  });

  test('goes through no link that somebody else can change', () => {
    const { at, dir, medium } = places();
    const shared = join(at, 'shared');
    mkdirSync(shared);
    symlinkSync(medium, join(shared, 'stick'));
    symlinkSync(join(shared, 'stick'), join(at, 'stick'));
    const faults = (): unknown[] =>
      ['shared/stick/a.age', 'stick/a.age'].map((path) => elsewhereFault(dir, join(at, path)));
    expect(faults()).toEqual([undefined, undefined]);
    const others = expect.stringMatching(/goes through the link .*shared\/stick, which somebody else can change/);
    for (const mode of [0o775, 0o757]) {
      chmodSync(shared, mode);
      expect(faults()).toEqual([others, others]);
    }
    chmodSync(shared, 0o1777);
    expect(faults()).toEqual([undefined, undefined]);
    if (!isRoot) return;
    lchownSync(join(shared, 'stick'), 65534, 65534);
    expect(faults()).toEqual([others, others]);
    lchownSync(join(shared, 'stick'), 0, 0);
    lchownSync(shared, 65534, 65534);
    expect(faults()).toEqual([others, others]);
  });

  test('ends where links turn in a circle', () => {
    const { at, dir } = places();
    symlinkSync(join(at, 'b'), join(at, 'a'));
    symlinkSync(join(at, 'a'), join(at, 'b'));
    expect(elsewhereFault(dir, join(at, 'a/x.age'))).toMatch(/goes through the link/);
  });
});
