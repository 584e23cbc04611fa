/**
 * SSH keys of security tokens without a token, and SSH signatures written by hand (OpenSSH, PROTOCOL.sshsig and
 * PROTOCOL.u2f): flags are what the test says.
 */
import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign as signWith } from 'node:crypto';

const APPLICATION = 'ssh:';

/** A string of the SSH protocol. */
export function sshString(content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

export function sshStrings(...parts: readonly (string | Uint8Array)[]): Buffer {
  return Buffer.concat(parts.map(sshString));
}

/** A positive integer (big-endian) as the SSH protocol has it. */
export function sshInteger(bytes: Uint8Array): Buffer {
  const shortest = Buffer.from(bytes.subarray(bytes.findIndex((byte) => byte !== 0)));
  return sshString((shortest[0] ?? 0) < 0x80 ? shortest : Buffer.concat([Buffer.of(0), shortest]));
}

/** As a line of allowed_signers ends. */
export function publicKeyLine(type: string, blob: Uint8Array): string {
  return `${type} ${Buffer.from(blob).toString('base64')}`;
}

/**
 * The file of a signature by `key` (a public key's encoding). `sign` gets what is signed, and gives the signature as
 * the SSH protocol has it.
 */
export function sshSignature(
  key: Uint8Array,
  { namespace, content, hash = 'sha512' }: { namespace: string; content: string | Uint8Array; hash?: string },
  sign: (signed: Uint8Array) => Uint8Array,
): Uint8Array {
  const known = hash === 'sha256' || hash === 'sha512' ? hash : 'sha512';
  const digest = createHash(known).update(content).digest();
  const magic = Buffer.from('SSHSIG');
  const signature = sign(Buffer.concat([magic, sshStrings(namespace, '', hash, digest)]));
  const blob = Buffer.concat([magic, Buffer.of(0, 0, 0, 1), sshStrings(key, namespace, '', hash, signature)]);
  const lines = blob.toString('base64').match(/.{1,70}/g) ?? [];
  return Buffer.from(['-----BEGIN SSH SIGNATURE-----', ...lines, '-----END SSH SIGNATURE-----', ''].join('\n'));
}

export interface TokenKey {
  /** Type and key, as a line of allowed_signers ends. */
  readonly publicKey: string;
  readonly sign: (flags: number, wanted: Parameters<typeof sshSignature>[1]) => Uint8Array;
}

/** A key as a token holds it. */
export function tokenKey(kind: 'ed25519' | 'ecdsa'): TokenKey {
  const { privateKey, publicKey } =
    kind === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const type = kind === 'ed25519' ? 'sk-ssh-ed25519@openssh.com' : 'sk-ecdsa-sha2-nistp256@openssh.com';
  const point = pointOf(publicKey);
  const blob = sshStrings(type, ...(kind === 'ed25519' ? [point] : ['nistp256', point]), APPLICATION);
  return {
    publicKey: publicKeyLine(type, blob),
    sign: (flags, wanted) =>
      sshSignature(blob, wanted, (signed) => {
        const hashed = (text: string | Uint8Array): Buffer => createHash('sha256').update(text).digest();
        const told = Buffer.concat([Buffer.of(flags), Buffer.of(0, 0, 0, 7)]);
        const content = Buffer.concat([hashed(APPLICATION), told, hashed(signed)]);
        const raw =
          kind === 'ed25519'
            ? signWith(null, content, privateKey)
            : signWith('sha256', content, { key: privateKey, dsaEncoding: 'ieee-p1363' });
        const inner = kind === 'ed25519' ? raw : Buffer.concat([raw.subarray(0, 32), raw.subarray(32)].map(sshInteger));
        return Buffer.concat([sshStrings(type, inner), told]);
      }),
  };
}

/** Of an Ed25519 key its 32 bytes, of an ECDSA key the uncompressed point. */
function pointOf(key: KeyObject): Buffer {
  const { x = '', y } = createPublicKey(key.export({ type: 'spki', format: 'pem' })).export({ format: 'jwk' });
  const [first, second] = [Buffer.from(x, 'base64url'), Buffer.from(y ?? '', 'base64url')];
  return y === undefined ? first : Buffer.concat([Buffer.of(4), first, second]);
}
