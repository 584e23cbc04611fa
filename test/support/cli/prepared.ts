/** A prepared bundle as whoever carries it can change it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { type BundlePayload, encodeBundlePayload } from '../../../src/bundle/payload.js';
import { decodePrepared, encodePrepared } from '../../../src/bundle/prepared.js';
import { payloadOf } from '../../../src/verify/bundle-trust.js';

/** Writes the same proposal of one bundle with something else in its payload. */
export function rewritePrepared(from: string, to: string, changed: Partial<BundlePayload>): void {
  const prepared = decodePrepared(new Uint8Array(readFileSync(from)));
  const bundles = prepared.bundles.map((one) => ({
    payloadBytes: encodeBundlePayload({ ...payloadOf(one), ...changed }),
    departing: one.departing,
  }));
  writeFileSync(to, encodePrepared({ ...prepared, bundles }));
}
