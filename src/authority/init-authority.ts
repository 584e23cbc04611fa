/** Makes a new authority: its folders, its settings and its first transcript. */
import { resolve } from 'node:path';
import type { JsonObject } from '../codec/strict-json.js';
import { toHex, utf8 } from '../common/bytes.js';
import { couldNot } from '../common/errors.js';
import { makeFolder } from '../common/new-files.js';
import type { CredentialCiphersuite } from '../crypto/ciphersuite.js';
import { hash } from '../crypto/hash.js';
import { settingsEvent } from './formats/recorded-settings.js';
import { settingsTemplate, templateValues } from './formats/settings-defaults.js';
import { headOf, MAX_TRANSCRIPT_FILE, NO_HEAD, transcriptPath } from './formats/transcript.js';
import { checkGround } from './ground/check-ground.js';
import { existsInside, makeFolderInside, readInside } from './ground/inside.js';
import { FOLDERS, SETTINGS_FILE } from './ground/layout.js';
import { checkAgreed } from './interrupted-init.js';
import { acquireLock, type LockIdentity } from './journal/lock.js';
import { recover } from './journal/recovery.js';
import { type Applied, mayBeWritten, type OwnChange, write } from './store.js';

/** What a new authority begins with. */
export interface NewAuthority extends Omit<OwnChange, 'operation'> {
  readonly domain: string;
  readonly ciphersuite: CredentialCiphersuite;
  /** The authority.yaml to write, and its values; a default one if not given. */
  readonly settings?: { readonly bytes: Uint8Array; readonly values: JsonObject };
  /**
   * The SHA-256 (hex) of an interrupted init's journal that somebody saw and agreed to, or '' for none. If not given,
   * any such journal is completed.
   */
  readonly journal?: string;
}

/**
 * Makes the authority at `dir`, or completes the one that somebody agreed to: folders, `authority.yaml` (with `files`
 * beside it) and the first transcript. The domain has been checked. Errors: `authority-exists`, `authority-unfinished`;
 * those of the lock and of `commit`.
 */
export function initAuthority(dir: string, made: NewAuthority, identity: LockIdentity): Applied {
  const root = resolve(dir);
  makeFolder(root);
  checkGround(root);
  const lock = acquireLock(root, 'init', identity);
  try {
    if (made.journal !== undefined) checkAgreed(root, made.journal);
    const recovery = recover(root);
    const transcript = transcriptPath(1, 'init');
    if (recovery?.operation === 'init' && (made.journal ?? '') !== '' && recovery.files.includes(transcript))
      return { transcript, head: headOf(readInside(root, transcript, MAX_TRANSCRIPT_FILE)) };
    if (existsInside(root, SETTINGS_FILE)) {
      throw couldNot('authority-exists', `${root} is an authority already`, {
        hint:
          recovery?.operation === 'init'
            ? 'An interrupted init was completed just now; look at it.'
            : 'Choose another folder, or use this one.',
      });
    }
    for (const folder of FOLDERS) makeFolderInside(root, folder);
    const { domain, ciphersuite } = made;
    const { bytes, values } = made.settings ?? {
      bytes: utf8(settingsTemplate(domain, ciphersuite)),
      values: templateValues(domain, ciphersuite),
    };
    const settings = { path: SETTINGS_FILE, bytes };
    const events = [settingsEvent({ sha256: toHex(hash('sha256', bytes)), values }), ...made.events];
    const files = [settings, ...made.files];
    mayBeWritten({ operation: 'init', files, events: made.events });
    return write(made.domain, root, 1, NO_HEAD, { ...made, operation: 'init', files, events });
  } finally {
    lock.release();
  }
}
