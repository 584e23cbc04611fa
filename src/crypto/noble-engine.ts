/** The engine that runs everywhere, in browsers too: EdDSA and ECDSA on @noble/curves. */
import { isEdwards } from './curves.js';
import { ecdsaOf } from './ecdsa.js';
import { makeEngine, type VerificationEngine } from './engine.js';
import { verifyEddsa } from './noble-eddsa.js';
import { isUncompressedPoint } from './public-key.js';
import { isStrictDer } from './signature-encoding.js';

/**
 * The engine on noble's points, with the strict equation for EdDSA (edwards-checks.ts) and that of SEC 1 for ECDSA
 * (noble-ecdsa.ts).
 */
export const nobleEngine: VerificationEngine = makeEngine('noble', (scheme, publicKey, message, signature) => {
  const { name } = scheme;
  if (isEdwards(name)) return verifyEddsa(name, publicKey, message, signature);
  if (!isUncompressedPoint(scheme, publicKey) || !isStrictDer(signature)) return false;
  return ecdsaOf(name, 'public').verify(signature, message, publicKey, { format: 'der', lowS: false, prehash: true });
});
