/** Decodes an SSH signature file (OpenSSH, PROTOCOL.sshsig). Nothing is verified here; ssh-keygen does that. */
import { fromBase64, fromUtf8, toBase64 } from '../../common/bytes.js';
import { hash } from '../../crypto/hash.js';
import { readSshKey, splitStrings, type SshKey } from './ssh-key.js';

export interface SshSignature {
  /** The fingerprint of its key, as `ssh-keygen -l` shows it: `SHA256:` and base64 without padding. */
  readonly fingerprint: string;
  readonly namespace: string;
  /** What identifies the key, as in `SshKey`; empty if the key cannot stand for a person. */
  readonly material: string;
  /**
   * Why the signature counts for nobody, good or not, for example because its key is too weak, or nobody touched the
   * token.
   */
  readonly fault?: string;
}

const ARMOR = /^-----BEGIN SSH SIGNATURE-----\r?\n([A-Za-z0-9+/=\r\n]+)\r?\n-----END SSH SIGNATURE-----[\r\n]*$/;
const MAGIC = 'SSHSIG';
const VERSION = 1;
const HASHES: readonly string[] = ['sha256', 'sha512'];
/**
 * One of the flags that a token signs with the content (OpenSSH, PROTOCOL.u2f): somebody was present, and touched it.
 */
const USER_PRESENT = 0x01;

/** Returns the signature, or in plain words why it is not one. */
export function decodeSshSignature(file: Uint8Array): SshSignature | string {
  const armored = ARMOR.exec(fromUtf8(file) ?? '')?.[1];
  const bytes = armored === undefined ? undefined : fromBase64(armored.replace(/[\r\n]/g, ''));
  if (bytes === undefined) return 'it is not an SSH signature (no whole BEGIN SSH SIGNATURE block)';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (fromUtf8(bytes.subarray(0, MAGIC.length)) !== MAGIC) return 'it is not an SSH signature (no SSHSIG in it)';
  const start = MAGIC.length + 4;
  if (bytes.length < start) return 'it is cut short';
  const version = view.getUint32(MAGIC.length);
  if (version !== VERSION) return `it has version ${String(version)} of the format, expected 1`;
  // The key, the namespace, a reserved string, the hash's name, the signature.
  const parts = splitStrings(bytes.subarray(start), 5);
  if (parts === undefined) return 'it is cut short';
  if (parts.rest.length > 0) return 'bytes follow its end';
  const none = new Uint8Array();
  const [key = none, namespace = none, , hashName = none, signature = none] = parts.strings;
  const read = readSshKey(key);
  const fault = faultOf(read, fromUtf8(hashName) ?? '', signature);
  return {
    fingerprint: keyFingerprint(key),
    material: typeof read === 'string' ? '' : read.material,
    namespace: fromUtf8(namespace) ?? '',
    ...(fault === undefined ? {} : { fault }),
  };
}

function faultOf(key: SshKey | string, hashName: string, signature: Uint8Array): string | undefined {
  if (typeof key === 'string') return `its key ${key}`;
  if (!HASHES.includes(hashName)) return `its hash is ${JSON.stringify(hashName)}, expected ${HASHES.join(' or ')}`;
  const parts = splitStrings(signature, 2);
  const algorithm = fromUtf8(parts?.strings[0] ?? new Uint8Array()) ?? '';
  const fitting = key.type === 'ssh-rsa' ? ['rsa-sha2-256', 'rsa-sha2-512'] : [key.type];
  if (parts === undefined || !fitting.includes(algorithm))
    return `it is of the kind ${JSON.stringify(algorithm)}, expected ${fitting.join(' or ')}`;
  const [flags = 0] = parts.rest;
  return key.type.startsWith('sk-') && (flags & USER_PRESENT) === 0
    ? 'nobody touched the token that made it (its flag for user presence is not set)'
    : undefined;
}

function keyFingerprint(key: Uint8Array): string {
  return `SHA256:${toBase64(hash('sha256', key)).replaceAll('=', '')}`;
}
