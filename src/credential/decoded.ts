/** Tracks which credentials came from a decoder, since only theirs are the fields that their bytes encode. */
import { wrongInput } from '../common/door.js';
import { refused } from '../common/errors.js';
import { sealed } from '../common/sealed.js';

const decoded = new WeakSet();

/** Seals a value that was just decoded, and remembers it. */
export function asDecoded<T extends object>(credential: T): T {
  decoded.add(sealed(credential));
  return credential;
}

/**
 * Refuses any object that no decoder made, however much it looks like a credential: its fields may differ from its
 * bytes, and it is the bytes that are verified. Errors: `usage`; `wrong-kind` if it is of another kind.
 */
export function checkDecoded<Kind extends string>(
  name: string,
  credential: { readonly kind: Kind },
  kinds?: readonly NoInfer<Kind>[],
): void {
  const given: unknown = credential;
  if (typeof given !== 'object' || given === null || !decoded.has(given))
    throw wrongInput(name, 'was not made by a decoder of this library');
  if (kinds === undefined || kinds.includes(credential.kind)) return;
  throw refused('wrong-kind', `${name} is of the kind ${credential.kind}; wanted here: ${kinds.join(' or ')}`, {
    hint: 'Check that this is the credential you mean.',
  });
}
