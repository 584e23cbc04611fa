import { describe, expect, test } from '@jest/globals';
import { SCHEMES } from '../../src/crypto/ciphersuite.js';
import type { VerificationEngine } from '../../src/crypto/engine.js';
import { KNOWN_ANSWERS } from '../../src/crypto/known-answers.js';
import { nobleEngine } from '../../src/crypto/noble-engine.js';
import { nodeEngine } from '../../src/crypto/node-engine.js';
import { runKnownAnswerTests } from '../../src/crypto/self-test.js';
import { codeOf } from './vectors.js';

describe('runKnownAnswerTests', () => {
  test('both engines pass, and every scheme has an answer', () => {
    runKnownAnswerTests([nobleEngine, nodeEngine]);
    expect(KNOWN_ANSWERS.map(({ scheme }) => scheme)).toEqual(SCHEMES.map(({ name }) => name));
  });

  const broken = (verify: VerificationEngine['verify']) => () => {
    runKnownAnswerTests([nobleEngine, { name: 'broken', verify }]);
  };

  test('an engine that refuses everything fails', () => {
    expect(broken(() => false)).toThrow('broken refuses the good signature');
    expect(codeOf(broken(() => false))).toBe('self-test-failed');
  });

  test('an engine that accepts everything fails', () => {
    expect(broken(() => true)).toThrow('broken accepts another message');
  });

  test('an engine that does not look at all of the signature fails', () => {
    const careless: VerificationEngine['verify'] = (scheme, key, message, signature) => {
      if (nodeEngine.verify(scheme, key, message, signature)) return true;
      const mended = signature.slice();
      mended[mended.length - 1] = (mended.at(-1) ?? 0) ^ 1;
      return nodeEngine.verify(scheme, key, message, mended);
    };
    expect(broken(careless)).toThrow('broken accepts a damaged signature');
  });

  test.each(SCHEMES)('an engine that is wrong about $name alone fails', ({ name }) => {
    const failing = broken(
      (scheme, key, message, signature) => scheme.name !== name && nodeEngine.verify(scheme, key, message, signature),
    );
    expect(failing).toThrow(`known-answer test of ${name} `);
  });
});
