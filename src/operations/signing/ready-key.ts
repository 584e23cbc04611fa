/** A key in use by an operation: made, adopted or opened, recorded, and always closed. */
import type { NewEvent } from '../../authority/events/event.js';
import type { ChangeFile } from '../../authority/store.js';
import { CeremonyError, retold } from '../../common/errors.js';
import { type Remark, remediesOf, textOf } from '../../common/remedy.js';
import type { KeyBackup } from '../../signer/pkcs11/use.js';
import type { Signer } from '../../signer/signer.js';

/** A key that is ready to sign, whether new or not, and the files and events that go with it into the transaction. */
export interface ReadyKey {
  readonly signer: Signer;
  readonly files: readonly ChangeFile[];
  readonly events: readonly NewEvent[];
  /**
   * Call it right before the transaction: a new key in a token that isn't kept is destroyed when its signer is closed.
   */
  readonly keep: () => void;
  /** Returns what remains after that in any case, and what to do with it, for the error's hint. */
  readonly left?: () => Remark | undefined;
}

/** Works with a key, and always closes it. */
export async function usingKey<T>(key: ReadyKey, action: (key: ReadyKey) => Promise<T>): Promise<T> {
  try {
    return await action(key);
  } catch (error) {
    if (error instanceof CeremonyError && error.code === 'authority-unfinished') throw error;
    throw withHint(error, key.left?.());
  } finally {
    await key.signer.close();
  }
}

function withHint(error: unknown, left: Remark | undefined): unknown {
  if (left === undefined || !(error instanceof CeremonyError)) return error;
  const hint = error.hint === undefined ? textOf(left) : `${error.hint} ${textOf(left)}`;
  return retold(error, error.message, { hint, remedies: [...error.remedies, ...remediesOf(left)] });
}

/** For a key that is to be made: what to do about a key in the token that already has its name, and about backups. */
export interface KeyOptions {
  readonly existing?: 'adopt' | 'destroy';
  readonly backup?: KeyBackup;
}

/**
 * Returns the event of a key in an HSM that was used, with token and key as they were read back; none for a software
 * key.
 */
export function keyUsed(
  { uri, hsm }: Signer,
  what: 'used' | 'generated' | 'adopted' | 'tried and destroyed' = 'used',
): readonly NewEvent[] {
  return hsm === undefined ? [] : [{ event: 'key', fields: { what, key: uri, hsm } }];
}
