/**
 * Detached signatures by people's SSH keys (`ssh-keygen -Y`), over any file, in the caller's namespace. ssh-keygen
 * decides what is valid. This file also parses signatures, to explain why one is not valid, and to refuse some that
 * ssh-keygen accepts: by weak keys, by certificates, and by tokens that nobody touched.
 */
import { basename, join } from 'node:path';
import { couldNot } from '../../common/errors.js';
import { exists, fileError, MAX_CREDENTIAL_FILE, readFile } from '../../common/files.js';
import { withTemporaryFolder, writeNewFile } from '../../common/new-files.js';
import { formatTime } from '../../common/time.js';
import { otherOwner } from './signer-lines.js';
import { askSshKeygen, type SshKeygenAnswer, workWithSshKeygen } from './ssh-keygen.js';
import { decodeSshSignature, type SshSignature } from './sshsig.js';

/**
 * The verdict on a signature. `fingerprint` (`SHA256:…`) is the key's as ssh-keygen shows it; the same key under two
 * names has one fingerprint.
 */
export type SshVerdict =
  | { readonly state: 'valid'; readonly fingerprint: string }
  | { readonly state: 'invalid'; readonly why: string; readonly fingerprint?: string };

export interface SshQuestion {
  /** The bytes that were signed. */
  readonly content: Uint8Array;
  /** The signature file's bytes. */
  readonly signature: Uint8Array;
  readonly namespace: string;
}

/**
 * Verifies that `principal` signed the content, according to an allowed_signers file (ssh-keygen(1)) at that time (Unix
 * seconds). Errors: `no-ssh-keygen`, `ssh-keygen`.
 */
export function verifyDetached(
  question: SshQuestion & {
    readonly principal: string;
    /** The bytes of the allowed_signers file. */
    readonly allowedSigners: Uint8Array;
    readonly atSeconds: number;
  },
): SshVerdict {
  const { principal, allowedSigners, atSeconds, content, namespace } = question;
  const claimed = claimOf(question);
  if ('state' in claimed) return claimed;
  // Checked before ssh-keygen is started, since anybody can put files there by the hundred.
  const others = otherOwner(allowedSigners, principal, claimed.material);
  if (others !== undefined) return { state: 'invalid', why: ownerText(others), fingerprint: claimed.fingerprint };
  return withTemporaryFolder((folder) => {
    const [allowed, signature] = [join(folder, 'allowed_signers'), join(folder, 'signature')];
    writeNewFile(allowed, allowedSigners);
    writeNewFile(signature, question.signature);
    const files = ['-f', allowed, '-s', signature, '-O', `verify-time=${compactTime(atSeconds)}`];
    const answer = askSshKeygen(['-Y', 'verify', ...files, '-I', principal, '-n', namespace], content);
    if (answer.succeeded)
      return { state: 'valid', fingerprint: shownFingerprint(answer.stdout) ?? claimed.fingerprint };
    return {
      state: 'invalid',
      why:
        whyNot(answer, atSeconds) ??
        `allowed_signers does not let ${principal} sign in the namespace ${namespace}: add it to namespaces="…" of that line`,
      fingerprint: claimed.fingerprint,
    };
  });
}

/**
 * Verifies that the signature is over the content in that namespace, by any key; this says nothing about whose key it
 * is. Errors: `no-ssh-keygen`, `ssh-keygen`.
 */
export function verifyUnattributed(question: SshQuestion): SshVerdict {
  const claimed = claimOf(question);
  if ('state' in claimed) return claimed;
  return withTemporaryFolder((folder) => {
    const signature = join(folder, 'signature');
    writeNewFile(signature, question.signature);
    const args = ['-Y', 'check-novalidate', '-n', question.namespace, '-s', signature];
    const answer = askSshKeygen(args, question.content);
    const fingerprint = shownFingerprint(answer.stdout) ?? claimed.fingerprint;
    return answer.succeeded
      ? { state: 'valid', fingerprint }
      : { state: 'invalid', why: whyNot(answer) ?? 'ssh-keygen does not accept it', fingerprint };
  });
}

/**
 * Returns a signature (the bytes of a `.sig` file) over `content` by the key in a file, or in the agent if `key` is a
 * public key's file. ssh-keygen itself asks for the passphrase, the PIN or a touch. `name` is what it calls the
 * content. Errors: `file-not-found`, `no-ssh-keygen`, `ssh-keygen`, `ssh-signing-failed`.
 */
export function signFile({
  content,
  name,
  namespace,
  key,
}: {
  readonly content: Uint8Array;
  readonly name: string;
  readonly namespace: string;
  readonly key: string;
}): Uint8Array {
  if (!exists(key)) throw fileError(key, { code: 'ENOENT' });
  return withTemporaryFolder((folder) => {
    const file = join(folder, basename(name));
    writeNewFile(file, content);
    if (!workWithSshKeygen(['-Y', 'sign', '-f', key, '-n', namespace, file]).succeeded || !exists(`${file}.sig`)) {
      throw couldNot('ssh-signing-failed', `ssh-keygen did not sign with ${key}; its message is above`, {
        hint: 'Check the key file and its passphrase; for a key in the agent, name its public key, and look at ssh-add -l.',
      });
    }
    return readFile(`${file}.sig`, MAX_CREDENTIAL_FILE);
  });
}

/** Returns what the signature says about itself, or why it cannot be one in this namespace, or of anybody. */
function claimOf({ signature, namespace }: SshQuestion): SshSignature | SshVerdict {
  const claimed = decodeSshSignature(signature);
  if (typeof claimed === 'string') return { state: 'invalid', why: claimed };
  const why =
    claimed.namespace === namespace
      ? claimed.fault
      : `it was made for the namespace ${JSON.stringify(claimed.namespace)}, expected ${namespace}`;
  return why === undefined ? claimed : { state: 'invalid', why, fingerprint: claimed.fingerprint };
}

/** Parses `Good "N" signature for P with ED25519 key SHA256:…`. */
function shownFingerprint(stdout: string): string | undefined {
  return / key (SHA256:[A-Za-z0-9+/]{43})$/m.exec(stdout)?.[1];
}

/**
 * Returns ssh-keygen's reason in plain words, or undefined if it refuses without giving one. Error: `ssh-keygen` if it
 * reached no verdict, which says nothing about the signature.
 */
function whyNot({ stdout, stderr }: SshKeygenAnswer, atSeconds?: number): string | undefined {
  if (!stdout.includes('Could not verify signature')) {
    const said = stderr.trim().split('\n')[0] ?? '';
    throw couldNot(
      'ssh-keygen',
      `ssh-keygen could not check the signature: ${said === '' ? 'it did not say why' : said}`,
      {
        hint: 'Use OpenSSH 9.0 or newer, here or on another machine; an older one cannot verify for a time in the past.',
      },
    );
  }
  if (stderr.includes('incorrect signature')) return 'it is not over this file: the file or the signature was changed';
  const at = atSeconds === undefined ? '' : ` at ${formatTime(atSeconds)}`;
  const [, expired] = /key has expired: .*valid-before (\S+)/.exec(stderr) ?? [];
  if (expired !== undefined) return `the key's line in allowed_signers had expired${at} (valid-before ${expired}, UTC)`;
  const [, early] = /key is not yet valid: .*valid-after (\S+)/.exec(stderr) ?? [];
  if (early !== undefined)
    return `the key's line in allowed_signers was not valid yet${at} (valid-after ${early}, UTC)`;
  return undefined;
}

/** Returns whose key it is, if not the principal's. */
function ownerText(owners: readonly string[]): string {
  return owners.length === 0
    ? 'allowed_signers has no such key for this namespace'
    : `in allowed_signers its key belongs to ${JSON.stringify(owners.join(','))}`;
}

/** Returns `YYYYMMDDHHMMSS`, in UTC because of ssh-keygen's environment; older versions don't know Z. */
function compactTime(atSeconds: number): string {
  return formatTime(atSeconds).replace(/[-:TZ]/g, '');
}
