/** Engines that verify the same thing only once, for many bundles that list the same credentials. */
import { toHex } from '../common/bytes.js';
import { BoundedMap, KEYS_KEPT } from './bounded-map.js';
import type { Engines } from './engine.js';
import { hash } from './hash.js';

/** Each credential bears at most two signatures. */
const VERDICTS_KEPT = 2 * KEYS_KEPT;

/**
 * Wraps the engines so that a repeated question is answered from memory. Keep the result no longer than one operation
 * takes.
 */
export function askedOnce(engines: Engines): Engines {
  return engines.map((engine) => {
    const known = new BoundedMap<boolean>(VERDICTS_KEPT);
    return {
      name: engine.name,
      verify: (scheme, publicKey, message, signature) => {
        const asked = [publicKey, hash('sha256', message), signature].map(toHex).join(' ');
        return known.get(`${scheme.name} ${asked}`, () => engine.verify(scheme, publicKey, message, signature));
      },
    };
  });
}
