/** One credential or request a file: PEM, which says its kind, or the encoded bytes, whose kind the reader must know. */
import { cut } from '../common/cut.js';
import { refused } from '../common/errors.js';
import { decodePem, encodePem, looksLikePem } from '../codec/pem.js';
import { KINDS, kindOfLabel, type AnyCredential, type AnyRequest, type Kind } from './kinds.js';

type OfKind<K extends Kind> = Extract<AnyCredential | AnyRequest, { kind: K }>;

export function encodeCredentialFile({ kind, encoded }: { readonly kind: Kind; readonly encoded: Uint8Array }): string {
  return encodePem(KINDS[kind].pemLabel, encoded);
}

/**
 * Decodes a file's contents, strictly; nothing is verified. `expected` are the kinds that will do; raw bytes need exactly one.
 * Errors: `bad-pem`, `wrong-kind`, and the decoding codes.
 */
export function decodeCredentialFile<K extends Kind>(file: Uint8Array, expected: readonly K[]): OfKind<K> {
  const titles = expected.map((kind) => KINDS[kind].title).join(' or ');
  if (!looksLikePem(file)) {
    const [only, ...others] = expected;
    if (only === undefined || others.length > 0) {
      // A tagged COSE_Sign, which no credential begins like.
      if (file[0] === 0xd8 && file[1] === 0x62) {
        throw refused('wrong-kind', 'it is a signed bundle, and not one credential', { hint: 'Use bundle verify.' });
      }
      throw refused('bad-pem', 'it is not PEM, and raw bytes do not say what they are', {
        hint: 'Name the kind with --kind, or give the PEM file.',
      });
    }
    return KINDS[only].decode(file) as OfKind<K>;
  }
  const { label, bytes } = decodePem(file);
  const kind = kindOfLabel(label);
  if (kind === undefined || !(expected as readonly Kind[]).includes(kind)) {
    throw refused('wrong-kind', `it holds ${JSON.stringify(cut(label))}; wanted here: ${titles}`, {
      hint: 'Check that this is the file you mean.',
    });
  }
  return KINDS[kind].decode(bytes) as OfKind<K>;
}
