/** Names inside an authority directory. */
import { join } from 'node:path';

export const SETTINGS_FILE = 'authority.yaml';
/** Whose SSH keys count, in OpenSSH's format; the operator's, like the settings. */
export const ALLOWED_SIGNERS_FILE = 'allowed_signers';
export const LOCK_FILE = 'lock';
export const PENDING_FILE = 'pending.json';

/** Every folder of an authority. Transactions write here and at the top, and nowhere else. */
export const FOLDERS = ['bundles', 'credentials', 'keys', 'requests', 'revocations', 'transcripts'] as const;

const LOCKS = /^\.lock\.(claim-[0-9a-f]{12}|\d+\.[0-9a-f]{12}\.tmp)$/;

/**
 * Whether an authority has something of that name at its top: what is in its folders aside, and what a transaction has
 * for a while.
 */
export function isTopName(name: string): boolean {
  const own: readonly string[] = [SETTINGS_FILE, ALLOWED_SIGNERS_FILE, LOCK_FILE, PENDING_FILE, ...FOLDERS];
  return own.includes(name) || LOCKS.test(name);
}

/** The files in `requests/`. */
export const REQUEST_NAME = /^.+\.pem$/;

/** What stays as it was recorded. Requests come and go, and settings are the operator's. */
export const LASTING_FOLDERS = ['bundles', 'credentials', 'keys', 'revocations'] as const;

/** Whether a file that a transcript names stays in the authority, as it is, for good. */
export function isLasting(path: string): boolean {
  return LASTING_FOLDERS.some((folder) => path.startsWith(`${folder}/`));
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._@+-]{0,199}$/;

/** Why a relative path may not be written in a transaction, or undefined where it may. */
export function checkPath(path: string): string | undefined {
  const parts = path.split('/');
  const name = parts.at(-1) ?? '';
  if (parts.length > 2) return 'it is more than one folder deep';
  if (parts.length === 2 && !(FOLDERS as readonly string[]).includes(parts[0] ?? '')) {
    return `its folder is none of ${FOLDERS.join(', ')}`;
  }
  if (parts.length === 1 && (name === LOCK_FILE || name === PENDING_FILE)) return 'that name is kept for the tool';
  if (!NAME.test(name)) return 'its name is not 1 to 200 of A-Z, a-z, 0-9 and . _ @ + - (none of these five first)';
  return undefined;
}

/** As `checkPath`; it may also be the absolute path of a key file, which lies on another medium. */
export function pathFault(path: string): string | undefined {
  if (!path.startsWith('/')) return checkPath(path);
  const parts = path.slice(1).split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..') || /\p{C}/u.test(path))
    return 'it is not a plain path';
  return /^[^.].*\.age$/.test(parts.at(-1) ?? '') ? undefined : 'outside the authority only key files are written';
}

/** Whether a path is that of a key file on another medium. */
export function isElsewhere(path: string): boolean {
  return path.startsWith('/');
}

/** Where a path of a transaction is, as people are shown it: in the authority, or where it says. */
export function shownPath(dir: string, path: string): string {
  return isElsewhere(path) ? path : inAuthority(dir, path);
}

/** As people are shown it. What is there is opened in ground.ts. */
export function inAuthority(dir: string, path: string): string {
  return join(dir, ...path.split('/'));
}
