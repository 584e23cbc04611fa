/**
 * Only one process at a time writes to an authority; the file `lock` says which. A lock whose process is dead is taken
 * over by exactly one of several contenders.
 */
import { join } from 'node:path';
import { toHex } from '../../common/bytes.js';
import { CeremonyError, couldNot } from '../../common/errors.js';
import { isFolder } from '../../common/files.js';
import { shellWord } from '../../common/shell.js';
import { formatTime } from '../../common/time.js';
import * as inside from '../ground/inside.js';
import { LOCK_FILE } from '../ground/layout.js';
import {
  bootId,
  describeHolder,
  encodeHolder,
  isDead,
  type LockHolder,
  nonceOfEarlierStart,
  pidNamespace,
  processExists,
  processStart,
  readHolder,
} from './lock-holder.js';

/** What the caller knows about itself. Clock and randomness are passed in from above. */
export interface LockIdentity {
  readonly hostName: string;
  readonly atSeconds: number;
  readonly random: (length: number) => Uint8Array;
}

export interface Lock {
  readonly holder: LockHolder;
  /** The dead holder whose lock this was, to be reported to the person. */
  readonly takenOverFrom: LockHolder | undefined;
  /** Releases the lock. It never removes another's, and does nothing the second time. */
  release(): void;
}

const ATTEMPTS = 50;
/** A limit for claims on claims on claims: each level needs one more process that died during a take-over. */
const MAX_DEPTH = 8;
const CLAIM = /^\.lock\.claim-([0-9a-f]{12})$/;
const TEMPORARY = /^\.lock\.(\d+)\.[0-9a-f]{12}\.tmp$/;

/** Locks the authority at `dir` for a command. Error: `authority-locked`, which names the holder. */
export function acquireLock(dir: string, command: string, identity: LockIdentity): Lock {
  const holder: LockHolder = {
    pid: process.pid,
    pidNamespace: pidNamespace(),
    processStart: processStart(process.pid),
    bootId: bootId(),
    host: identity.hostName,
    command,
    since: formatTime(identity.atSeconds),
    nonce: toHex(identity.random(6)),
  };
  const takenOverFrom = seize(dir, LOCK_FILE, holder, 0);
  sweep(dir, holder);
  return {
    holder,
    takenOverFrom,
    release: () => {
      giveUp(dir, LOCK_FILE, holder);
    },
  };
}

/**
 * Makes the file `name` ours if it doesn't exist or its holder is dead, and returns the dead holder. The file of a dead
 * holder is replaced only by the process that holds the claim on exactly that holder (its nonce), and only after
 * checking again. A claim is a file of the same kind, so if its process dies, it is taken over in the same way.
 */
function seize(dir: string, name: string, own: LockHolder, depth: number): LockHolder | undefined {
  const path = join(dir, name);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (create(dir, name, own)) return undefined;
    const found = readHolder(dir, name);
    if (found === undefined) continue;
    const nonce = nonceOf(dir, name, found);
    if (nonce === undefined) throw unreadable(path);
    if (found !== 'unreadable' && (!isDead(found, own) || depth === MAX_DEPTH)) throw locked(path, found, own);
    const claim = `.lock.claim-${nonce}`;
    seize(dir, claim, own, depth + 1);
    try {
      const again = readHolder(dir, name);
      if (again !== undefined && nonceOf(dir, name, again) === nonce) {
        inside.renameInside(dir, writeTemporary(dir, own), name);
        return found === 'unreadable' ? undefined : found;
      }
    } finally {
      giveUp(dir, claim, own);
    }
  }
  throw couldNot('authority-locked', `${path} changes hands too fast`, { hint: 'Try again in a moment.' });
}

/**
 * Returns the nonce of a lock, which no other lock ever has. For a lock that cannot be decoded there is one only if
 * nothing but a power cut can have left it so.
 */
function nonceOf(dir: string, name: string, found: LockHolder | 'unreadable'): string | undefined {
  return found === 'unreadable' ? nonceOfEarlierStart(dir, name) : found.nonce;
}

/** Creates the file with its contents in one step; returns false if the name is taken. */
function create(dir: string, name: string, own: LockHolder): boolean {
  const temporary = writeTemporary(dir, own);
  try {
    return inside.claimInside(dir, temporary, name);
  } catch (error) {
    // Another machine that shares the folder may just have swept our temporary file away: try again.
    if (error instanceof CeremonyError && error.code === 'file-not-found' && isFolder(dir)) return false;
    throw error;
  } finally {
    inside.removeInside(dir, temporary, 'passing');
  }
}

function writeTemporary(dir: string, own: LockHolder): string {
  const temporary = `.lock.${String(own.pid)}.${own.nonce}.tmp`;
  // A lock need not survive a power cut, which ends it.
  inside.writeNewInside(dir, temporary, encodeHolder(own), undefined, 'passing');
  return temporary;
}

function giveUp(dir: string, name: string, own: LockHolder): void {
  const found = readHolder(dir, name);
  if (typeof found === 'object' && found.nonce === own.nonce) inside.removeInside(dir, name, 'passing');
}

/**
 * Removes what dead contenders left. Claims on earlier holders are void, because whoever makes one finds our lock and
 * steps back, and a nonce is never used again.
 */
function sweep(dir: string, own: LockHolder): void {
  for (const name of inside.listInside(dir, '')) {
    const claimed = CLAIM.exec(name)?.[1];
    const pid = TEMPORARY.exec(name)?.[1];
    const void_ = claimed !== undefined && claimed !== own.nonce;
    if (void_ || (pid !== undefined && !processExists(Number(pid)))) inside.removeInside(dir, name, 'passing');
  }
}

function locked(path: string, found: LockHolder, own: LockHolder): Error {
  return couldNot('authority-locked', `the authority is in use: ${path} is held by ${describeHolder(found)}`, {
    hint: `${whereToLook(found, own)} run: rm ${shellWord(path)}`,
  });
}

/**
 * Explains how to find out whether the lock belongs to a process that is gone, or was planted, down to the command that
 * removes it.
 */
function whereToLook(found: LockHolder, own: LockHolder): string {
  const pid = String(found.pid);
  if (found.host !== own.host)
    return `This machine cannot see whether that process is still running. Look on ${found.host}, with: ps -p ${pid} -o lstart,args. If there is no as-ceremony with that number, or no such machine,`;
  if (found.pidNamespace !== own.pidNamespace) {
    const number = /:(\d{1,20})$/.exec(found.pidNamespace ?? '')?.[1];
    const which = number === undefined ? '' : ` with ${number} before it`;
    return `It is in another PID namespace (a container), and cannot be seen from here. Look on the machine itself, as root, with: ps -e -o pidns,lstart,args. Where no as-ceremony${which} is listed,`;
  }
  return `Wait until it has finished, and run this command again. ps -p ${pid} -o lstart,args shows what it is; if that is not as-ceremony,`;
}

function unreadable(path: string): Error {
  return couldNot('authority-locked', `the authority may be in use: ${path} is there, but cannot be understood`, {
    hint: `Try again in a moment. If you are certain that no other as-ceremony is at work here, run: rm ${shellWord(path)}`,
  });
}
