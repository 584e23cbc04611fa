/**
 * Files that hold one credential or request: either PEM, which states its kind, or the encoded bytes, whose kind the
 * reader must know.
 */
import { decodePem, encodePem, looksLikePem } from '../codec/pem.js';
import { cut } from '../common/cut.js';
import { arrayIn, bytesIn, wrongInput } from '../common/door.js';
import { refused } from '../common/errors.js';
import { checkDecoded } from './decoded.js';
import { type AnyCredential, type AnyRequest, isKind, type Kind, kindOfLabel, KINDS } from './kinds.js';

type OfKind<K extends Kind> = Extract<AnyCredential | AnyRequest, { kind: K }>;

export function encodeCredentialFile(credential: AnyCredential | AnyRequest): string {
  checkDecoded('the credential', credential);
  return credentialPem(credential.kind, credential.encoded);
}

export function credentialPem(kind: Kind, encoded: Uint8Array): string {
  return encodePem(KINDS[kind].pemLabel, encoded);
}

function kindIn(name: string, value: unknown): Kind {
  if (typeof value !== 'string' || !isKind(value)) throw wrongInput(name, 'is not a kind of credential');
  return value;
}

/**
 * Decodes a file's contents, strictly; nothing is verified. `kinds` lists the accepted kinds; raw bytes need exactly
 * one. Errors: `bad-pem`, `wrong-kind`, the decoding codes, and `usage`.
 */
export function decodeCredentialFile<K extends Kind>(given: Uint8Array, kinds: readonly K[]): OfKind<K> {
  const file = bytesIn('the file', given);
  const expected = arrayIn('the kinds', kinds, kindIn);
  const titles = expected.map((kind) => KINDS[kind].title).join(' or ');
  if (!looksLikePem(file)) {
    const [only, ...others] = expected;
    if (only === undefined || others.length > 0) {
      // A tagged COSE_Sign; no credential begins with these bytes.
      if (file[0] === 0xd8 && file[1] === 0x62) {
        throw refused('wrong-kind', 'it is a signed bundle, not a credential', {
          hint: 'Verify it as a bundle.',
          remedies: [{ command: 'bundle verify', args: ['FILE'] }],
        });
      }
      throw refused('bad-pem', 'it is not PEM, and raw bytes do not say what they are', {
        hint: 'Name the kind, or give the PEM file.',
        remedies: [{ option: 'kind' }],
      });
    }
    return KINDS[only].decode(file) as OfKind<K>;
  }
  const { label, bytes } = decodePem(file);
  const kind = kindOfLabel(label);
  if (kind === undefined || !expected.includes(kind)) {
    throw refused('wrong-kind', `it holds ${JSON.stringify(cut(label))}; wanted here: ${titles}`, {
      hint: 'Check that this is the file you mean.',
    });
  }
  return KINDS[kind].decode(bytes) as OfKind<K>;
}
