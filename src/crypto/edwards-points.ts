/** Noble's points of the two Edwards curves. */
import { edwards, type EdwardsPointCons } from '@noble/curves/abstract/edwards.js';
import { Field } from '@noble/curves/abstract/modular.js';
import { once, randomnessFor } from './build-curve.js';
import { EDWARDS_PARAMETERS, type EdwardsName } from './curves.js';
import { publicField } from './public-field.js';

export const edwardsPoints = once<EdwardsName, EdwardsPointCons>((name, purpose) => {
  const { p, n } = EDWARDS_PARAMETERS[name];
  // Ed448 encodes coordinates and scalars in 57 bytes, 456 bits (RFC 8032 §5.2.2).
  const sizes = name === 'ed448' ? { BITS: 456, isLE: true } : { isLE: true };
  const fields = { Fp: purpose === 'public' ? publicField(p, sizes) : Field(p, sizes), Fn: Field(n, sizes) };
  return edwards(EDWARDS_PARAMETERS[name], { ...fields, ...randomnessFor(purpose) });
});
