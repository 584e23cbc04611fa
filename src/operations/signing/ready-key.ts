/** A key at work in an operation: made, adopted or opened, recorded, and closed in every ending. */
import type { NewEvent } from '../../authority/events/event.js';
import type { ChangeFile } from '../../authority/store.js';
import { CeremonyError, retold } from '../../common/errors.js';
import { type Remark, remediesOf, textOf } from '../../common/remedy.js';
import type { KeyBackup } from '../../signer/pkcs11/use.js';
import type { Signer } from '../../signer/signer.js';

/** A key that was made or is there, ready to sign, and what goes with it into the transaction. */
export interface ReadyKey {
  readonly signer: Signer;
  readonly files: readonly ChangeFile[];
  readonly events: readonly NewEvent[];
  /**
   * Call it right before the transaction: a new key in a token that isn't kept is destroyed when its signer is closed.
   */
  readonly keep: () => void;
  /** What is there all the same after that, and what to do with it: for the error's hint. */
  readonly left?: () => Remark | undefined;
}

/** Works with a key, and closes it in every ending. */
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

/** For a key that is to be made: what to do about a key in the token that has its name already, and about backups. */
export interface KeyOptions {
  readonly existing?: 'adopt' | 'destroy';
  readonly backup?: KeyBackup;
}

/** The event of a key in an HSM that was used, with token and key as they were read back; none for a software key. */
export function keyUsed(
  { uri, hsm }: Signer,
  what: 'used' | 'generated' | 'adopted' | 'tried and destroyed' = 'used',
): readonly NewEvent[] {
  return hsm === undefined ? [] : [{ event: 'key', fields: { what, key: uri, hsm } }];
}
