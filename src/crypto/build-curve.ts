/** Builds each of noble's curves once, when it is first used. */

/**
 * What a curve is built for. Noble gets no randomness for `public` values; for `secret` ones it uses its own source to
 * blind them.
 */
export type Purpose = 'public' | 'secret';

// Noble asks for random bytes once when it builds a curve, and works unblinded if there are none. Public values need no
// blinding, and loading WebCrypto would cost a command 1.5 ms.
export function randomnessFor(purpose: Purpose): { randomBytes?: () => never } {
  if (purpose === 'secret') return {};
  const randomBytes = (): never => {
    throw new Error('public values are not blinded');
  };
  return { randomBytes };
}

/** The base point's large table (20 ms) pays off only after dozens of operations, so it is turned off. */
export function once<Name extends string, Points extends { BASE: { precompute(windowSize: number): unknown } }>(
  build: (name: Name, purpose: Purpose) => Points,
): (name: Name, purpose: Purpose) => Points {
  const built = new Map<string, Points>();
  return (name, purpose) => {
    const key = `${name} ${purpose}`;
    let points = built.get(key);
    if (points === undefined) {
      points = build(name, purpose);
      points.BASE.precompute(1);
      built.set(key, points);
    }
    return points;
  };
}
