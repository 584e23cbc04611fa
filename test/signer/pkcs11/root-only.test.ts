/** Who could have put a file where it is: owners, permissions, links and file systems on the whole way to it. */
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect } from '@jest/globals';
import { originOf } from '../../../src/signer/pkcs11/root-only.js';
import { newFolder } from '../../support/cli/cli-authority.js';
import { must } from '../../support/keys/softhsm.js';
import { isRoot } from '../../support/machine/mounts.js';
import { testWhere } from '../../support/machine/tools.js';

const ANNA = 1234;
const rootTest = (name: string, run: () => void): void => {
  testWhere(isRoot, 'root', name, run);
};

const folders: string[] = [];
let folder = '';
let file = '';

beforeEach(() => {
  // Root's own folder: nobody else can write above it.
  folder = mkdtempSync(join(isRoot ? '/opt' : newFolder(), 'as-ceremony-place-'));
  folders.push(folder);
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, 'lib'));
  file = join(folder, 'lib', 'module.so');
  writeFileSync(file, 'x');
});
afterAll(() => {
  for (const one of folders) rmSync(one, { recursive: true, force: true });
});

const others = (path = file): readonly string[] => originOf(path).others;

describe('a file of root', () => {
  rootTest('below folders of root is only root’s, by whichever of its names', () => {
    expect(originOf(file)).toMatchObject({ real: file, owner: 0, others: [] });
    symlinkSync('lib', join(folder, 'lib64'));
    symlinkSync('../lib/./module.so', join(folder, 'lib', 'module.so.1'));
    symlinkSync(folder, join(folder, 'back'));
    for (const name of ['lib64/module.so', 'lib/module.so.1', 'back/lib64/module.so.1', 'lib/../lib//module.so']) {
      expect(originOf(join(folder, '.') + `/${name}`)).toMatchObject({ real: file, others: [] });
    }
  });

  rootTest('that others may write, or that belongs to somebody, is not', () => {
    for (const mode of [0o664, 0o646]) {
      chmodSync(file, mode);
      expect(others()).toEqual([`others may write ${file} (mode ${mode.toString(8)})`]);
    }
    chmodSync(file, 0o644);
    chownSync(file, ANNA, 0);
    expect(others()).toEqual([`${file} belongs to user ${String(ANNA)}`]);
  });

  rootTest('below a folder that others may write is not, whatever its sticky bit says', () => {
    for (const mode of [0o777, 0o1777, 0o775]) {
      chmodSync(folder, mode);
      expect(others()).toEqual([`others may write ${folder} (mode ${mode.toString(8)})`]);
    }
    chmodSync(folder, 0o755);
    chownSync(join(folder, 'lib'), ANNA, 0);
    expect(others()).toEqual([`${join(folder, 'lib')} belongs to user ${String(ANNA)}`]);
  });

  rootTest('counts by every folder that a link leads through', () => {
    const open = newFolder();
    symlinkSync(file, join(open, 'in-tmp.so'));
    expect(others(join(open, 'in-tmp.so'))).toEqual([expect.stringMatching(/^others may write \/tmp /)]);
    writeFileSync(join(open, 'module.so'), 'x');
    symlinkSync(join(open, 'module.so'), join(folder, 'out.so'));
    expect(others(join(folder, 'out.so'))).toEqual([expect.stringMatching(/^others may write \/tmp /)]);
    symlinkSync(open, join(folder, 'through'));
    expect(others(`${folder}/through/../..${file}`)).not.toEqual([]);
    symlinkSync(file, join(folder, 'anna.so'));
    must('chown', '-h', String(ANNA), join(folder, 'anna.so'));
    expect(others(join(folder, 'anna.so'))).toEqual([`${join(folder, 'anna.so')} belongs to user ${String(ANNA)}`]);
  });
});

describe('no file', () => {
  rootTest('a loop of links, a folder, a pipe, what is not there, and what goes through a file', () => {
    symlinkSync('b', join(folder, 'a'));
    symlinkSync('a', join(folder, 'b'));
    must('mkfifo', join(folder, 'pipe'));
    for (const [name, what] of [
      ['a', 'too many links'],
      ['lib', 'is a folder'],
      ['pipe', 'failed with EIO'],
      ['none', 'does not exist'],
      ['lib/module.so/more', 'not a folder'],
    ] as const) {
      expect(() => originOf(join(folder, name))).toThrow(what);
    }
  });
});
