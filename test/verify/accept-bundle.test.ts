/** Acceptance against vectors of our own, made in Python by test/vectors/generate-bundles.py. */
import { describe, expect, test } from '@jest/globals';
import { decodeAsCredential } from '../../src/credential/as-credential.js';
import { nobleEngine } from '../../src/crypto/noble-engine.js';
import { nodeEngine } from '../../src/crypto/node-engine.js';
import { acceptBundle, type AcceptedBundle, type HeldTrust } from '../../src/verify/accept-bundle.js';
import { type BundleCase, fileOf, hex, outcome, vectors } from '../bundle/support.js';

const heldBy = ({ last, pins = [], threshold }: BundleCase): HeldTrust =>
  last === undefined ? { pins: pins.map(hex), threshold } : { last: fileOf(last) };

function accept(one: BundleCase): AcceptedBundle {
  return acceptBundle({
    bundle: fileOf(one.bundle),
    held: heldBy(one),
    via: one.via?.map(fileOf),
    known: one.known?.map((encoded) => decodeAsCredential(hex(encoded))),
    expectedDomain: one.domain,
    atSeconds: one.at,
    engines: [nobleEngine, nodeEngine],
  });
}

describe.each(['Form', 'Domain', 'Contents', 'Signatures', 'History', 'Time'])('%s', (title) => {
  const phase = ['Form', 'Domain', 'Contents', 'Signatures', 'History', 'Time'].indexOf(title) + 1;
  for (const one of vectors.cases.filter((each) => each.phase === phase)) {
    test(`${one.name}: ${one.expect}`, () => {
      expect(outcome(() => accept(one))).toBe(one.expect);
      if (one.expect === 'valid') expect(accept(one).unchanged).toBe(one.unchanged ?? false);
    });
  }
});
