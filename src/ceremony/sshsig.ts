/** What an SSH signature file says about itself (OpenSSH, PROTOCOL.sshsig). Nothing is verified here: ssh-keygen does that. */
import { fromBase64, fromUtf8, toBase64 } from '../common/bytes.js';
import { hash } from '../crypto/hash.js';

export interface SshSignature {
  /** Such as `ssh-ed25519` or `sk-ssh-ed25519@openssh.com`. */
  readonly keyType: string;
  /** Of the key (or the certificate) in it, as `ssh-keygen -l` shows it: `SHA256:` and base64 without padding. */
  readonly fingerprint: string;
  readonly namespace: string;
}

const ARMOR = /^-----BEGIN SSH SIGNATURE-----\r?\n([A-Za-z0-9+/=\r\n]+)\r?\n-----END SSH SIGNATURE-----[\r\n]*$/;
const MAGIC = 'SSHSIG';
const VERSION = 1;

/** The signature, or a reason in plain words why it is none. */
export function decodeSshSignature(file: Uint8Array): SshSignature | string {
  const armored = ARMOR.exec(fromUtf8(file) ?? '')?.[1];
  const bytes = armored === undefined ? undefined : fromBase64(armored.replace(/[\r\n]/g, ''));
  if (bytes === undefined) return 'it is not an SSH signature (no whole BEGIN SSH SIGNATURE block)';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (fromUtf8(bytes.subarray(0, MAGIC.length)) !== MAGIC) return 'it is not an SSH signature (no SSHSIG in it)';
  let offset = MAGIC.length;
  if (bytes.length < offset + 4) return 'it is cut short';
  const version = view.getUint32(offset);
  if (version !== VERSION) return `it has version ${String(version)} of the format, expected 1`;
  offset += 4;
  const strings: Uint8Array[] = [];
  // The key, the namespace, a reserved one, the hash's name, the signature.
  for (let i = 0; i < 5; i++) {
    const length = offset + 4 <= bytes.length ? view.getUint32(offset) : Infinity;
    if (offset + 4 + length > bytes.length) return 'it is cut short';
    strings.push(bytes.subarray(offset + 4, offset + 4 + length));
    offset += 4 + length;
  }
  if (offset < bytes.length) return 'bytes follow its end';
  const [key = new Uint8Array(), namespace = new Uint8Array()] = strings;
  const typeLength = key.length < 4 ? 0 : new DataView(key.buffer, key.byteOffset).getUint32(0);
  const keyType = fromUtf8(key.subarray(4, 4 + typeLength)) ?? '';
  if (!/^[a-z0-9@.-]{1,100}$/.test(keyType)) return 'the key in it has no type';
  return { keyType, fingerprint: keyFingerprint(key), namespace: fromUtf8(namespace) ?? '' };
}

function keyFingerprint(key: Uint8Array): string {
  return `SHA256:${toBase64(hash('sha256', key)).replaceAll('=', '')}`;
}
