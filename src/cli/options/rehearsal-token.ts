/**
 * A rehearsal's own token: SoftHSM with a store beside the rehearsal's folder, so that no key in a real token is
 * touched.
 */
import { basename, join } from 'node:path';
import { REHEARSAL_PIN, REHEARSAL_TOKEN } from '../../ceremony/run/rehearsal.js';
import { utf8 } from '../../common/bytes.js';
import { couldNot } from '../../common/errors.js';
import { exists } from '../../common/files.js';
import { createFile, makeFolder } from '../../common/new-files.js';
import { initToken } from '../../operations/keys/hsm-init.js';
import type { HsmMeans } from '../../signer/pkcs11/module-process.js';
import { findModules, type FoundModule } from '../../signer/pkcs11/modules.js';

/** Returns the store of the rehearsal in `dir`, which is beside it. */
export function tokenFolder(dir: string): string {
  return `${dir}-token`;
}

/** Finds the module of SoftHSM. Error: `no-softhsm`. */
export function softHsmModule(): FoundModule {
  const found = findModules().find(({ path }) => basename(path).startsWith('libsofthsm2.'));
  if (found !== undefined) return found;
  throw couldNot('no-softhsm', 'a rehearsal with a key in a token needs SoftHSM, which is not on this machine', {
    hint: 'Install it (Debian: softhsm2), or rehearse with a key in a file: --set key=file:keys/NAME.age.',
  });
}

/** Lets modules that this process starts find the rehearsal's store, if it has one. SoftHSM reads nothing else. */
export function useRehearsalToken(dir: string): void {
  const configuration = join(tokenFolder(dir), 'softhsm2.conf');
  if (exists(configuration)) process.env.SOFTHSM2_CONF = configuration;
}

/** Makes the store and its one token. Errors: those of new files and of the token. */
export async function makeRehearsalToken(dir: string, module: FoundModule, hsm: HsmMeans): Promise<void> {
  const folder = tokenFolder(dir);
  const tokens = join(folder, 'tokens');
  makeFolder(folder, 0o700);
  makeFolder(tokens, 0o700);
  createFile(
    join(folder, 'softhsm2.conf'),
    utf8(`directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`),
  );
  useRehearsalToken(dir);
  const nothingToLose = (): Promise<void> => Promise.resolve();
  await initToken(
    {
      hsm,
      pins: { pin: () => Promise.resolve(utf8(REHEARSAL_PIN)), announce: () => undefined },
      authority: undefined,
      confirm: nothingToLose,
      confirmErasure: nothingToLose,
    },
    { module, label: REHEARSAL_TOKEN },
  );
}
