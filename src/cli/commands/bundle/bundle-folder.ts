import { firstFew } from '../../../common/cut.js';
import { usage } from '../../../common/errors.js';
import { timeJson } from '../../../common/time.js';
import type { PublishedBundle } from '../../../operations/publication/folder.js';
import { runOperation } from '../../operation/run-operation.js';
import type { CommandModule } from '../../program/command.js';
import { type Json, note, result } from '../../terminal/output.js';
import { checkOutDir, folderText, writeFolder, type WrittenFolder } from '../../written/publication-folder.js';

export const { define, run }: CommandModule = {
  define: (command) => {
    command
      .argument('<folder>', 'the new folder')
      .addHelpText(
        'after',
        '\nWrites what bundle export --out-dir writes, with the bundle that is current now. Signs nothing, and opens no key.',
      );
  },
  run: async (context, args) => {
    const path = checkOutDir(context, args[0]);
    if (path === undefined) throw usage('no folder is given');
    const folder = await runOperation(context, 'bundle folder', (operation) => writeFolder(operation, path));
    const { dir, current, later, earlier, withdrawn } = folder;
    if (withdrawn.length > 0) note({ ...context.options, quiet: false }, withdrawnWarning(current, withdrawn));
    const json = {
      out_dir: dir,
      ...bundleJson(folder, current),
      earlier: earlier.map((one) => bundleJson(folder, one)),
      later: later.map((one) => bundleJson(folder, one)),
    };
    result(context.options, json, () => `The folder is made; nothing was signed.\n\n${folderText(folder)}`);
  },
};

/** Warns about withdrawn bundles: a mark is a plain file, and an older bundle lacks what was revoked since. */
function withdrawnWarning({ sequence }: PublishedBundle, withdrawn: readonly string[]): string {
  return `warning: the folder has bundle ${String(sequence)}, an older one: ${firstFew(withdrawn)}, on record as withdrawn. Whoever can write the authority can have put such marks there: serve the folder only if none of these bundles went out. The next one that is signed (bundle export) says all that they revoke.`;
}

function bundleJson({ fileOf }: WrittenFolder, { sequence, issuedAt, expiresAt }: PublishedBundle) {
  return {
    file: fileOf(sequence) ?? '',
    sequence,
    ...timeJson('issued_at', issuedAt),
    ...timeJson('expires_at', expiresAt),
  } satisfies Readonly<Record<string, Json>>;
}
