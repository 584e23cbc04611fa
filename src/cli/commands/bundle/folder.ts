import { usage } from '../../../common/errors.js';
import type { PublishedBundle } from '../../../operations/publication/folder.js';
import type { CommandModule } from '../../program/command.js';
import { atDesk } from '../../desk/desk.js';
import { result, type Json } from '../../terminal/output.js';
import { checkOutDir, folderText, writeFolder, type WrittenFolder } from '../../written/publication-folder.js';
import { timeJson } from '../../options/times.js';

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
    if (path === undefined) throw usage('no folder is named');
    const folder = await atDesk(context, 'bundle folder', (desk) => writeFolder(desk, path));
    const { dir, current, later, earlier } = folder;
    const json = {
      out_dir: dir,
      ...bundleJson(folder, current),
      earlier: earlier.map((one) => bundleJson(folder, one)),
      later: later.map((one) => bundleJson(folder, one)),
    };
    result(context.options, json, () => `The folder is made; nothing was signed.\n\n${folderText(folder)}`);
  },
};

function bundleJson({ fileOf }: WrittenFolder, { sequence, issuedAt, expiresAt }: PublishedBundle) {
  return {
    file: fileOf(sequence) ?? '',
    sequence,
    ...timeJson('issued_at', issuedAt),
    ...timeJson('expires_at', expiresAt),
  } satisfies Readonly<Record<string, Json>>;
}
