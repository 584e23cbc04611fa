/** Names inside an authority's folder. */
import { join } from 'node:path';

export const SETTINGS_FILE = 'authority.yaml';
/** Whose SSH keys count, in OpenSSH's format. Like the settings, it belongs to the operator. */
export const ALLOWED_SIGNERS_FILE = 'allowed_signers';
export const LOCK_FILE = 'lock';
export const PENDING_FILE = 'pending.json';

/** Every folder of an authority. Transactions write here and at the top, and nowhere else. */
export const FOLDERS = ['bundles', 'credentials', 'keys', 'requests', 'revocations', 'transcripts'] as const;

const LOCKS = /^\.lock\.(claim-[0-9a-f]{12}|\d+\.[0-9a-f]{12}\.tmp)$/;

/** Returns whether a name belongs at the top of an authority, or is one that a transaction leaves there for a while. */
export function isTopName(name: string): boolean {
  const own: readonly string[] = [SETTINGS_FILE, ALLOWED_SIGNERS_FILE, LOCK_FILE, PENDING_FILE, ...FOLDERS];
  return own.includes(name) || LOCKS.test(name);
}

/** The files in `requests/`. */
export const REQUEST_NAME = /^.+\.pem$/;

/** Folders whose files stay as they were recorded. Requests come and go, and settings belong to the operator. */
export const LASTING_FOLDERS = ['bundles', 'credentials', 'keys', 'revocations'] as const;

/** Returns whether a file that a transcript names stays in the authority unchanged for good. */
export function isLasting(path: string): boolean {
  return LASTING_FOLDERS.some((folder) => path.startsWith(`${folder}/`));
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._@+-]{0,199}$/;

/** Returns why a transaction may not write a relative path, or undefined if it may. */
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

/** As `checkPath`, but also accepts the absolute path of a key file on another medium. */
export function pathFault(path: string): string | undefined {
  if (!path.startsWith('/')) return checkPath(path);
  const parts = path.slice(1).split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..') || /\p{C}/u.test(path))
    return 'it is not a plain path';
  return /^[^.].*\.age$/.test(parts.at(-1) ?? '') ? undefined : 'outside the authority only key files are written';
}

/** Returns whether a path is that of a key file on another medium. */
export function isElsewhere(path: string): boolean {
  return path.startsWith('/');
}

/** Returns the path of a transaction's file as people are shown it: in the authority, or the absolute path itself. */
export function shownPath(dir: string, path: string): string {
  return isElsewhere(path) ? path : inAuthority(dir, path);
}

/** Returns a path in the authority as people are shown it. ground.ts opens what is there. */
export function inAuthority(dir: string, path: string): string {
  return join(dir, ...path.split('/'));
}
