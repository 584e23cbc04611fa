/** Noble's points of the three NIST curves. */
import { weierstrass, type WeierstrassPoint, type WeierstrassPointCons } from '@noble/curves/abstract/weierstrass.js';
import { once, randomnessFor } from './build-curve.js';
import { ECDSA_PARAMETERS, type EcdsaName } from './curves.js';
import { publicField } from './public-field.js';

export type EcdsaPoint = WeierstrassPoint<bigint>;

export const ecdsaPoints = once<EcdsaName, WeierstrassPointCons<bigint>>((name, purpose) => {
  const field = purpose === 'public' ? { Fp: publicField(ECDSA_PARAMETERS[name].p) } : {};
  return weierstrass(ECDSA_PARAMETERS[name], { ...field, ...randomnessFor(purpose) });
});
