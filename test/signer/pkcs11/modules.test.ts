import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parsePkcs11Uri } from '../../../src/codec/pkcs11-uri.js';
import { findModules, modulesFor } from '../../../src/signer/pkcs11/modules.js';
import { newFolder } from '../../support/cli/cli-authority.js';
import { softHsmTest } from '../../support/keys/softhsm.js';
import { couldNotError } from '../../support/keys/software-keys.js';

function configuration(files: Readonly<Record<string, string>>): string {
  const folder = newFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

describe("p11-kit's configuration", () => {
  test('names modules, with what they are initialised with', () => {
    const lib = configuration({ 'libone.so': '', 'two.so': '' });
    const folder = configuration({
      'one.module': `# a comment\nmodule: ${lib}/libone.so\nx-init-reserved: configdir='sql:/x'\n`,
      'gone.module': `module: ${lib}/gone.so\n`,
      'no-library.module': 'priority: 3\n',
      'notes.txt': `module: ${lib}/two.so\n`,
    });
    const found = findModules([folder]).filter(({ configuredBy }) => configuredBy !== undefined);
    expect(found).toEqual([
      {
        path: join(lib, 'libone.so'),
        name: 'one',
        parameters: "configdir='sql:/x'",
        configuredBy: join(folder, 'one.module'),
      },
    ]);
  });

  test('a folder with precedence replaces another, and a file is listed once', () => {
    const lib = configuration({ 'a.so': '', 'b.so': '' });
    const first = configuration({ 'x.module': `module: ${lib}/a.so\n` });
    const second = configuration({ 'x.module': `module: ${lib}/b.so\n`, 'y.module': `module: ${lib}/a.so\n` });
    const found = findModules([first, second]).filter(({ path }) => path.startsWith(lib));
    expect(found.map(({ path }) => path)).toEqual([join(lib, 'a.so')]);
  });

  test('folders that are not there are no error', () => {
    expect(() => findModules([join(newFolder(), 'none')])).not.toThrow();
  });
});

describe('the module of a URI', () => {
  test('a path that is not there', () => {
    expect(() => modulesFor(parsePkcs11Uri('pkcs11:token=a?module-path=/nowhere/lib.so'))).toThrow(
      couldNotError('hsm-module', '/nowhere/lib.so'),
    );
  });

  test('a name that nothing has', () => {
    expect(() => modulesFor(parsePkcs11Uri('pkcs11:token=a?module-name=nobody'))).toThrow(
      couldNotError('hsm-module', 'nobody'),
    );
  });

  softHsmTest('by the name of its library, with and without what systems add', () => {
    for (const name of ['softhsm2', 'libsofthsm2.so']) {
      const [module, ...others] = modulesFor(parsePkcs11Uri(`pkcs11:token=a?module-name=${name}`));
      expect(module?.path).toMatch(/libsofthsm2\.so$/);
      expect(others).toEqual([]);
    }
  });
});
