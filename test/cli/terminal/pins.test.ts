import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { pinsOf } from '../../../src/cli/terminal/pins.js';
import { Terminal } from '../../../src/cli/terminal/terminal.js';
import { fromUtf8 } from '../../../src/common/bytes.js';
import type { PinRequest } from '../../../src/signer/pkcs11/session.js';
import { newFolder, writeSecret } from '../../support/cli/cli-authority.js';

const folder = newFolder();
const file = (name: string): string => writeSecret(join(folder, name), `${name}\n`);
const pinsFrom = (files: Parameters<typeof pinsOf>[0]) => pinsOf(files, new Terminal());
const USAGE = expect.objectContaining({ code: 'usage', kind: 'usage' }) as unknown;

function request(token: string, object: string, more: Partial<PinRequest> = {}): PinRequest {
  return {
    uri: `pkcs11:token=${token};object=${object}`,
    name: object,
    token: { label: token, serial: '1', manufacturer: 'M', model: 'X' },
    warnings: [],
    whose: 'user',
    ...more,
  };
}

describe('--pin-file', () => {
  test('without a key is for the first token that asks, and its other keys, and for no other token', async () => {
    const pins = pinsFrom([{ key: undefined, path: file('plain') }]);
    expect(fromUtf8(await pins.pin(request('one', 'a')))).toBe('plain');
    expect(fromUtf8(await pins.pin(request('one', 'b')))).toBe('plain');
    await expect(pins.pin(request('two', 'a'))).rejects.toEqual(USAGE);
    const twin = { label: 'one', serial: '2', manufacturer: 'M', model: 'X' };
    await expect(pins.pin(request('one', 'a', { token: twin }))).rejects.toEqual(USAGE);
  });

  test('with a key is for that key alone, by its name or its URI in any spelling', async () => {
    const pins = pinsFrom([
      { key: 'a', path: file('for-a') },
      { key: 'pkcs11:object=b;token=%74wo', path: file('for-b') },
    ]);
    expect(fromUtf8(await pins.pin(request('one', 'a')))).toBe('for-a');
    expect(fromUtf8(await pins.pin(request('two', 'b')))).toBe('for-b');
    await expect(pins.pin(request('one', 'b'))).rejects.toEqual(USAGE);
  });

  test('goes before the file that the URI names, which is read where the command line has that URI', async () => {
    const pinFile = file('of-uri');
    await expect(pinsFrom([]).pin(request('one', 'a', { pinFile }))).rejects.toEqual(USAGE);
    process.argv.push('pkcs11:token=one;object=a');
    expect(fromUtf8(await pinsFrom([]).pin(request('one', 'a', { pinFile })))).toBe('of-uri');
    const pins = pinsFrom([{ key: 'a', path: file('given') }]);
    expect(fromUtf8(await pins.pin(request('one', 'a', { pinFile })))).toBe('given');
    process.argv.pop();
  });
});
