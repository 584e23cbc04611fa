import { describe, expect, test } from '@jest/globals';
import { parseKeyUri } from '../../src/codec/key-uri.js';

describe('key URIs', () => {
  test.each([
    ['file:keys/root-1.age', 'keys/root-1.age', 'root-1'],
    ['file:root.age', 'root.age', 'root'],
    ['file:/media/usb/root-1.age', '/media/usb/root-1.age', 'root-1'],
    ['file:keys/Ämter 2.v1.age', 'keys/Ämter 2.v1.age', 'Ämter 2.v1'],
    ['file:keys/..a/b.age', 'keys/..a/b.age', 'b'],
  ])('%s', (uri, path, name) => {
    expect(parseKeyUri(uri)).toEqual({ kind: 'file', uri, path, name });
  });

  test.each([
    '',
    'keys/root-1.age',
    'FILE:keys/a.age',
    'http:keys/a.age',
    'file:',
    'file:/',
    'file:keys/',
    'file:keys/root-1',
    'file:keys/root-1.AGE',
    'file:../a.age',
    'file:keys/../a.age',
    'file:keys/./a.age',
    'file:/../a.age',
    'file:/keys/../../a.age',
    'file://host/a.age',
    'file:///a.age',
    'file:keys//a.age',
    'file:keys\\a.age',
    'file:keys/%2e%2e/a.age',
    'file:a.age?x',
    'file:a.age#x',
    'file:a\0.age',
    'file:a\n.age',
    'file:a\u202eega.age',
    'file:.age',
    'file:keys/.age',
    'file:keys/.hidden.age',
    'file:keys/a.age ',
    'file:keys/a.age/..',
  ])('refused: %j', (uri) => {
    expect(() => parseKeyUri(uri)).toThrow(expect.objectContaining({ code: 'usage', kind: 'usage' }));
  });
});
