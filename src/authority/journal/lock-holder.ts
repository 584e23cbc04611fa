/** Who holds a lock: written by that process about itself, and judged by others. */
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
  /** Which one that is, as this kernel numbers them; null where it isn't known. */
  readonly pidNamespace: string | null;
  /** Start time in clock ticks since boot (proc(5), stat, field 22); null where there is no /proc. */
  readonly processStart: string | null;
  /** Of the running kernel; null where it isn't known. */
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
 * The holder that a lock file of an authority names; undefined where there is no such file. Error: `authority-damaged`,
 * where it is none of ours.
 */
export function readHolder(dir: string, name: string): LockHolder | 'unreadable' | undefined {
  let bytes: Uint8Array;
  try {
    bytes = readInside(dir, name, MAX_LOCK_FILE);
  } catch (error) {
    if (error instanceof CeremonyError && error.code === 'file-not-found') return undefined;
    throw error;
  }
  const record = parseJsonObject(bytes);
  if (typeof record === 'string' || !hasExactly(record, KEYS) || record.version !== 1) return 'unreadable';
  const { pid, pid_namespace: pidNamespace, process_start: processStart, boot_id: bootId } = record;
  const [host, command] = [textField(record, 'host'), textField(record, 'command')];
  const [since, nonce] = [textField(record, 'since'), textField(record, 'nonce')];
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
 * Whether the holder's process is certainly gone, as seen by `own`; never said of another host's, or of another PID
 * namespace's while that may run.
 */
export function isDead(holder: LockHolder, own: LockHolder): boolean {
  if (holder.host !== own.host) return false;
  if (holder.bootId !== null && own.bootId !== null && holder.bootId !== own.bootId) return true;
  if (holder.pidNamespace !== own.pidNamespace) return false;
  if (!processExists(holder.pid)) return true;
  const stat = processStat(holder.pid);
  // A process that others may not look at counts as alive.
  if (stat === undefined) return false;
  if (stat.state === 'Z' || stat.state === 'X') return true;
  return holder.processStart !== null && stat.start !== holder.processStart;
}

/** Clocks are set by a little; a machine doesn't start so fast. */
const SLACK_SECONDS = 10;

/**
 * As a nonce, which lock this is, where it was last written before this machine's kernel started; undefined where it
 * wasn't, or that can't be told.
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

/** Whether some process has this number now. */
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

/** The PID namespace of this process: a container's processes have other numbers than its host's. */
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
