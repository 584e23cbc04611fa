/** Each thing that a name in an authority may be instead of a file of its own, and what is done with it: nothing. */
import { spawnSync } from 'node:child_process';
import {
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { createAnywhere, existsAnywhere, namesBeside, readAnywhere } from '../../../src/authority/ground/anywhere.js';
import { Ground } from '../../../src/authority/ground/ground.js';
import * as inside from '../../../src/authority/ground/inside.js';
import { checkPath, isLasting, isTopName, pathFault } from '../../../src/authority/ground/layout.js';
import { checkOutside, liesInside } from '../../../src/authority/ground/outside.js';
import { utf8 } from '../../../src/common/bytes.js';
import { isRoot } from '../../support/machine/mounts.js';
import { codeOf, temporaryFolder } from '../support.js';

const rootTest = isRoot ? test : test.skip;

function authority(): string {
  const dir = temporaryFolder();
  for (const folder of ['keys', 'bundles']) mkdirSync(join(dir, folder));
  writeFileSync(join(dir, 'authority.yaml'), 'version: 1\n');
  writeFileSync(join(dir, 'keys/a.json'), 'a');
  return dir;
}

/** What is there under a name, and the fault that it has. */
const PLANTED: readonly (readonly [string, (at: string, other: string) => void, RegExp])[] = [
  ['a link', (at, other) => symlinkSync(other, at), /symbolic link/],
  ['a link to nothing', (at) => symlinkSync('nowhere', at), /symbolic link/],
  ['a folder', (at) => mkdirSync(at), /it is a folder/],
  ['a FIFO', (at) => void spawnSync('mkfifo', [at]), /not a regular file/],
  ['a second name', (at, other) => linkSync(other, at), /another name, and may be changed/],
  [
    'a third name',
    (at, other) => {
      linkSync(other, at);
      linkSync(other, `${other}.more`);
    },
    /2 other names, and may be changed/,
  ],
];

describe.each(PLANTED)('%s', (_what, plant, fault) => {
  test.each(['keys/b.json', 'authority.yaml'])('as %s', (path) => {
    const [dir, other] = [authority(), join(temporaryFolder(), 'other')];
    writeFileSync(other, 'other');
    rmSync(join(dir, path), { force: true });
    plant(join(dir, path), other);
    inside.onGround(dir, (ground) => {
      expect(ground.faultOf(path)).toMatch(fault);
      expect(ground.faultOf('keys/a.json')).toBeUndefined();
      expect(codeOf(() => ground.read(path, 100))).toBe('authority-damaged');
    });
    for (const act of [
      () => inside.readInside(dir, path, 100),
      () => inside.appendInside(dir, path, utf8('x'), 5),
      () => inside.truncateInside(dir, path, 0),
      () => inside.removeInside(dir, path),
      () => inside.destroyInside(dir, path),
      () => inside.writeNewInside(dir, path, utf8('x')),
      () => inside.createInside(dir, path, utf8('x')),
      () => inside.checkCreatableInside(dir, path),
      () => inside.renameInside(dir, path, 'keys/c.json'),
      () => inside.renameInside(dir, 'keys/a.json', path),
      () => inside.addNameInside(dir, path, 'keys/c.json'),
      () => inside.claimInside(dir, path, 'keys/c.json'),
      () => inside.readUncachedInside(dir, path, 100),
    ])
      expect(codeOf(act)).toBe('authority-damaged');
    expect(readFileSync(other, 'utf8')).toBe('other');
    expect(inside.listInside(dir, 'keys')).not.toContain('c.json');
    expect(inside.existsInside(dir, path)).toBe(true);
  });
});

describe('a folder', () => {
  test.each<[string, (at: string, other: string) => void, RegExp]>([
    ['that is a link', (at, other) => symlinkSync(other, at), /symbolic link/],
    ['that is a file', (at) => writeFileSync(at, ''), /it is not a folder/],
  ])('%s is not looked into', (_what, plant, fault) => {
    const [dir, other] = [authority(), temporaryFolder()];
    writeFileSync(join(other, 'a.json'), 'other');
    rmSync(join(dir, 'keys'), { recursive: true });
    plant(join(dir, 'keys'), other);
    inside.onGround(dir, (ground) => {
      expect(ground.faultOf('keys')).toMatch(fault);
      expect(ground.isFolder('keys')).toBe(false);
      expect(ground.isFolder('bundles')).toBe(true);
      for (const act of [() => ground.list('keys'), () => ground.read('keys/a.json', 9), () => ground.sync('keys')])
        expect(codeOf(act)).toBe('authority-damaged');
    });
    expect(codeOf(() => inside.existsInside(dir, 'keys/a.json'))).toBe('authority-damaged');
    expect(codeOf(() => inside.createInside(dir, 'keys/b.json', utf8('x')))).toBe('authority-damaged');
    expect(existsSync(join(other, 'b.json'))).toBe(false);
  });

  test('that is not there is empty', () => {
    const dir = authority();
    expect(inside.listInside(dir, 'requests')).toEqual([]);
    expect(inside.existsInside(dir, 'requests/a.pem')).toBe(false);
    expect(inside.factsInside(dir, 'requests/a.pem')).toBeUndefined();
    expect(codeOf(() => inside.readInside(dir, 'requests/a.pem', 9))).toBe('file-not-found');
    expect(codeOf(() => inside.syncInside(dir, 'requests'))).toBeUndefined();
    expect(inside.listInside(join(dir, 'nowhere'), '')).toEqual([]);
    expect(inside.existsInside(join(dir, 'nowhere'), 'lock')).toBe(false);
    inside.makeFolderInside(dir, 'requests');
    inside.makeFolderInside(dir, 'requests');
    expect(inside.listInside(dir, '')).toEqual(['authority.yaml', 'bundles', 'keys', 'requests']);
  });

  test('stays the one that was opened', () => {
    const dir = authority();
    inside.onGround(dir, (ground) => {
      expect(ground.list('keys')).toEqual(['a.json']);
      renameSync(join(dir, 'keys'), join(dir, 'gone'));
      expect(ground.list('keys')).toEqual(['a.json']);
    });
    expect(inside.listInside(dir, 'keys')).toEqual([]);
  });
});

describe('a second name', () => {
  const twice = (name: string, other: string): string => {
    const dir = authority();
    writeFileSync(join(dir, name), 'x');
    linkSync(join(dir, name), join(dir, other));
    return dir;
  };
  const faults = (dir: string, ...names: readonly string[]): readonly boolean[] =>
    inside.onGround(dir, (ground) => names.map((name) => ground.faultOf(name) !== undefined));

  test('that a file was written under is no fault, from either side', () => {
    const temporary = 'keys/.b.json.0123456789ab.tmp';
    const dir = twice('keys/b.json', temporary);
    expect(faults(dir, 'keys/b.json', temporary)).toEqual([false, false]);
    expect(inside.sameInside(dir, 'keys/b.json', temporary)).toBe(true);
    expect(inside.sameInside(dir, 'keys/b.json', 'keys/a.json')).toBe(false);
    expect(inside.sameInside(dir, 'keys/x', 'keys/y')).toBe(false);
  });

  test('of another pattern, or beside a temporary of another file, is one', () => {
    expect(faults(twice('keys/b.json', 'keys/c.json'), 'keys/b.json', 'keys/c.json')).toEqual([true, true]);
    expect(faults(twice('keys/b.json', 'keys/.c.json.0.tmp'), 'keys/b.json')).toEqual([true]);
    expect(faults(twice('keys/b.json', 'keys/.b.json.0'), 'keys/b.json')).toEqual([true]);
    const dir = twice('keys/b.json', 'keys/c.json');
    writeFileSync(join(dir, 'keys/.b.json.0.tmp'), 'another file');
    expect(faults(dir, 'keys/b.json')).toEqual([true]);
  });

  test('is taken, and given, within one folder', () => {
    const dir = authority();
    expect(inside.addNameInside(dir, 'keys/a.json', 'keys/.a.json.0123456789ab.tmp')).toBe(true);
    expect(inside.addNameInside(dir, 'keys/a.json', 'keys/.a.json.0123456789ab.tmp')).toBe(false);
    expect(inside.claimInside(dir, 'keys/.a.json.0123456789ab.tmp', 'keys/b.json')).toBe(true);
    expect(inside.listInside(dir, 'keys')).toEqual(['a.json', 'b.json']);
  });
});

describe('another user’s', () => {
  rootTest('file, folder and authority are named', () => {
    const dir = authority();
    chownSync(join(dir, 'keys/a.json'), 1234, 0);
    chownSync(join(dir, 'bundles'), 1234, 0);
    inside.onGround(dir, (ground) => {
      expect(ground.ownFault()).toBeUndefined();
      expect(ground.faultOf('keys/a.json')).toBe('it belongs to user 1234, and this is user 0');
      expect(ground.faultOf('bundles')).toMatch(/belongs to user 1234/);
      expect(codeOf(() => ground.read('keys/a.json', 9))).toBe('authority-damaged');
      expect(codeOf(() => ground.list('bundles'))).toBe('authority-damaged');
    });
    chownSync(dir, 1234, 0);
    expect(inside.onGround(dir, (ground) => ground.ownFault())).toMatch(/belongs to user 1234/);
  });

  rootTest('key file on another medium is the person’s affair', () => {
    const file = join(temporaryFolder(), 'a.age');
    writeFileSync(file, 'key');
    chownSync(file, 1234, 0);
    inside.onGround(authority(), (ground) => {
      expect(ground.faultOf(file)).toBeUndefined();
      expect(Buffer.from(ground.read(file, 9)).toString()).toBe('key');
      expect(ground.exists(file)).toBe(true);
    });
  });
});

test.each(['..', '../x', '.', '', 'keys/', 'keys/..', 'keys/a/b', 'strange/a', 'keys/a\0'])(
  '%p is no place in an authority',
  (path) => {
    const ground = Ground.open(authority());
    expect(codeOf(() => ground.read(path, 9))).toBe('bad-path');
    expect(codeOf(() => ground.exists(path))).toBe('bad-path');
    ground.close();
  },
);

describe('what is named by a path', () => {
  const dir = authority();
  const elsewhere = temporaryFolder();

  test('in an authority is opened on its ground', () => {
    symlinkSync(join(dir, 'authority.yaml'), join(dir, 'keys/link.json'));
    expect(codeOf(() => readAnywhere(join(dir, 'keys/link.json'), 100))).toBe('authority-damaged');
    expect(codeOf(() => createAnywhere(join(dir, 'keys/link.json'), utf8('x')))).toBe('authority-damaged');
    expect(Buffer.from(readAnywhere(join(dir, 'keys/a.json'), 100)).toString()).toBe('a');
    expect(existsAnywhere(join(dir, 'keys/a.json'))).toBe(true);
    expect(existsAnywhere(join(dir, 'keys/x.json'))).toBe(false);
    expect(namesBeside(join(dir, 'keys/a.json'))).toEqual(['a.json', 'link.json']);
    expect(namesBeside(join(dir, 'authority.yaml'))).toContain('keys');
  });

  test('elsewhere it may be a link', () => {
    symlinkSync(join(dir, 'keys/a.json'), join(elsewhere, 'link'));
    mkdirSync(join(elsewhere, 'keys'));
    symlinkSync(join(dir, 'keys/a.json'), join(elsewhere, 'keys/link'));
    for (const name of ['link', 'keys/link'])
      expect(Buffer.from(readAnywhere(join(elsewhere, name), 100)).toString()).toBe('a');
    createAnywhere(join(elsewhere, 'new'), utf8('new'));
    expect(existsAnywhere(join(elsewhere, 'new'))).toBe(true);
    expect(namesBeside(join(elsewhere, 'new'))).toEqual(['keys', 'link', 'new']);
  });

  test('in the authority nothing is made for elsewhere', () => {
    const outside = (path: string): string | undefined => codeOf(() => checkOutside(dir, path, ''));
    symlinkSync(dir, join(elsewhere, 'way'));
    expect(outside(join(dir, 'x'))).toBe('usage');
    expect(outside(join(dir, 'keys/x'))).toBe('usage');
    expect(outside(join(elsewhere, 'way/keys/x'))).toBe('usage');
    expect(outside(join(elsewhere, 'x'))).toBeUndefined();
    expect(outside(`${dir}-other`)).toBeUndefined();
    expect(outside(join(dir, 'nowhere/x'))).toBeUndefined();
    expect(codeOf(() => checkOutside(join(dir, 'nowhere'), join(dir, 'x'), ''))).toBeUndefined();
    mkdirSync(`${dir}-beside`);
    expect(outside(`${dir}-beside/x`)).toBeUndefined();
    rmSync(`${dir}-beside`, { recursive: true });
    expect(liesInside(dir, join(dir, 'keys/a.json'))).toBe(true);
    expect(liesInside(dir, join(elsewhere, 'link'))).toBe(true);
    expect(liesInside(dir, join(elsewhere, 'new'))).toBe(false);
  });
});

describe('names', () => {
  test.each([
    ['authority.yaml', true],
    ['lock', true],
    ['keys', true],
    ['.lock.claim-0123456789ab', true],
    ['.lock.claim-0123456789abc', false],
    ['.lock.7.0123456789ab.tmp', true],
    ['x.lock.7.0123456789ab.tmp', false],
    ['.lock.7.0123456789ab.tmpx', false],
    ['notes', false],
  ])('at the top: %s: %p', (name, known) => {
    expect(isTopName(name)).toBe(known);
  });

  test.each([
    ['keys/a.json', true],
    ['authority.yaml', true],
    [`keys/${'a'.repeat(200)}`, true],
    [`keys/${'a'.repeat(201)}`, false],
    ['keys/.a', false],
    ['keys/-a', false],
    ['keys/a b', false],
    ['keys/a/b', false],
    ['other/a', false],
    ['lock', false],
    ['pending.json', false],
    ['keys/lock', true],
    ['', false],
  ])('written in a transaction: %s: %p', (path, may) => {
    expect(checkPath(path) === undefined).toBe(may);
    expect(pathFault(path) === undefined).toBe(may);
  });

  test.each([
    ['/media/a.age', true],
    ['/a.age', true],
    ['/media/a.txt', false],
    ['/media/.age', false],
    ['/media/..a.age', false],
    ['/media/../a.age', false],
    ['/media/./a.age', false],
    ['//a.age', false],
    ['/media/a\u0007.age', false],
    ['/media/a.age/', false],
  ])('of a key file elsewhere: %p: %p', (path, may) => {
    expect(pathFault(path) === undefined).toBe(may);
  });

  test('what stays for good', () => {
    expect(['keys/a', 'bundles/a', 'requests/a', 'authority.yaml', 'keysx/a'].map(isLasting)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});
