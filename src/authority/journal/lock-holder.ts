/** Who holds a lock: a process describes itself, and other processes judge it. */
import { hasExactly, parseJsonObject, textField } from '../../codec/strict-json.js';
import { fromUtf8, toHex, utf8 } from '../../common/bytes.js';
import { CeremonyError, systemCode } from '../../common/errors.js';
import { readFile } from '../../common/files.js';
import { identityOf } from '../../common/name-facts.js';
import { hash } from '../../crypto/hash.js';
import { factsInside, readInside } from '../ground/inside.js';

const MAX_LOCK_FILE = 16 * 1024;
const MAX_PROC_FILE = 1024 * 1024;
const KEYS = [
  'version',
  'pid',
  'pid_namespace',
  'process_start',
  'boot_id',
  'host',
  'command',
  'since',
  'nonce',
] as const;

export interface LockHolder {
  /** In its own PID namespace. */
  readonly pid: number;
  /** The namespace, as this kernel numbers them; null if it isn't known. */
  readonly pidNamespace: string | null;
  /** The start time in clock ticks since boot (proc(5), stat, field 22); null if there is no /proc. */
  readonly processStart: string | null;
  /** The ID of the running kernel's boot; null if it isn't known. */
  readonly bootId: string | null;
  readonly host: string;
  readonly command: string;
  /** RFC 3339. */
  readonly since: string;
  /** 12 hex digits that no other lock ever has. */
  readonly nonce: string;
}

export function encodeHolder(holder: LockHolder): Uint8Array {
  const { pid, pidNamespace, processStart, bootId, ...others } = holder;
  const { host, command, since, nonce } = others;
  const about = { pid, pid_namespace: pidNamespace, process_start: processStart, boot_id: bootId };
  return utf8(`${JSON.stringify({ version: 1, ...about, host, command, since, nonce })}\n`);
}

/**
 * Returns the holder that a lock file of an authority names, or undefined if there is no such file. Error:
 * `authority-damaged` if it is not one of ours.
 */
export function readHolder(dir: string, name: string): LockHolder | 'unreadable' | undefined {
  let bytes: Uint8Array;
  try {
    bytes = readInside(dir, name, MAX_LOCK_FILE);
  } catch (error) {
    if (error instanceof CeremonyError && error.code === 'file-not-found') return undefined;
    throw error;
  }
  const object = parseJsonObject(bytes);
  if (typeof object === 'string' || !hasExactly(object, KEYS) || object.version !== 1) return 'unreadable';
  const { pid, pid_namespace: pidNamespace, process_start: processStart, boot_id: bootId } = object;
  const [host, command] = [textField(object, 'host'), textField(object, 'command')];
  const [since, nonce] = [textField(object, 'since'), textField(object, 'nonce')];
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid < 1) return 'unreadable';
  if (typeof pidNamespace !== 'string' && pidNamespace !== null) return 'unreadable';
  if (typeof processStart !== 'string' && processStart !== null) return 'unreadable';
  if (typeof bootId !== 'string' && bootId !== null) return 'unreadable';
  if (host === undefined || command === undefined || since === undefined) return 'unreadable';
  if (![host, command, since].every((text) => /^[ -~]{1,200}$/.test(text))) return 'unreadable';
  if (nonce === undefined || !/^[0-9a-f]{12}$/.test(nonce)) return 'unreadable';
  return { pid, pidNamespace, processStart, bootId, host, command, since, nonce };
}

/**
 * Returns whether the holder's process is certainly gone, as seen by `own`. It is never true for another host, nor for
 * another PID namespace while that may still run.
 */
export function isDead(holder: LockHolder, own: LockHolder): boolean {
  if (holder.host !== own.host) return false;
  if (holder.bootId !== null && own.bootId !== null && holder.bootId !== own.bootId) return true;
  if (holder.pidNamespace !== own.pidNamespace) return false;
  if (!processExists(holder.pid)) return true;
  const stat = processStat(holder.pid);
  // A process that others may not see counts as alive.
  if (stat === undefined) return false;
  if (stat.state === 'Z' || stat.state === 'X') return true;
  return holder.processStart !== null && stat.start !== holder.processStart;
}

/** Clocks are set by a few seconds; no machine starts that fast. */
const SLACK_SECONDS = 10;

/**
 * Returns a nonce for a lock that was last written before this machine's kernel started, or undefined if it was not, or
 * if that is unknown.
 */
export function nonceOfEarlierStart(dir: string, name: string): string | undefined {
  const started = /^btime (\d{1,12})$/m.exec(readProc('/proc/stat') ?? '')?.[1];
  const facts = factsInside(dir, name);
  if (started === undefined || facts === undefined || facts.changedSeconds >= Number(started) - SLACK_SECONDS)
    return undefined;
  return toHex(hash('sha256', utf8(`${facts.identity} ${String(facts.changedSeconds)}`))).slice(0, 12);
}

export function describeHolder(holder: LockHolder): string {
  return `process ${String(holder.pid)} on ${holder.host} (${holder.command}) since ${holder.since}`;
}

/** Returns whether a process has this number now. */
export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) !== 'ESRCH';
  }
}

export function processStart(pid: number): string | null {
  return processStat(pid)?.start ?? null;
}

/**
 * Returns the PID namespace of this process: the processes of a container have other numbers than those of its host.
 */
export function pidNamespace(): string | null {
  return identityOf('/proc/self/ns/pid') ?? null;
}

export function bootId(): string | null {
  return readProc('/proc/sys/kernel/random/boot_id')?.trim() ?? null;
}

function processStat(pid: number): { readonly state: string; readonly start: string } | undefined {
  // Field 2, the name, may hold spaces and parentheses: count from the last one.
  const text = readProc(`/proc/${String(pid)}/stat`);
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, start] = [fields?.[0], fields?.[19]];
  return state === undefined || start === undefined ? undefined : { state, start };
}

function readProc(path: string): string | undefined {
  try {
    return fromUtf8(readFile(path, MAX_PROC_FILE));
  } catch {
    return undefined;
  }
}
