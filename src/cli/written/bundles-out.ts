/** `bundle export` and `bundle assemble`: where signed bundles are written, and what is printed about them. */
import { resolve } from 'node:path';
import { usage } from '../../common/errors.js';
import { formatTime, timeJson } from '../../common/time.js';
import type { ExportedBundle } from '../../operations/bundles/export-bundle.js';
import type { OperationContext } from '../../operations/context/operation-context.js';
import { runOperation } from '../operation/run-operation.js';
import type { Command, Options } from '../program/command.js';
import type { CommandContext } from '../program/context.js';
import { result } from '../terminal/output.js';
import { fields } from '../terminal/render.js';
import { checkOut, copyChange, copyOut, withOutput } from './out-file.js';
import { checkOutDir, folderOfSigned, folderText } from './publication-folder.js';

export function addOutOptions(command: Command): Command {
  return command
    .option('--out <file>', 'also write a copy of the bundle here')
    .option('--out-dir <folder>', 'a new folder, ready for a web server, with everything to publish');
}

/** Runs `action`, which signs or assembles bundles and keeps them; `several` for a series. */
export async function bundlesOut(
  context: CommandContext,
  options: Options,
  { command, several }: { readonly command: string; readonly several: boolean },
  action: (operation: OperationContext) => Promise<readonly ExportedBundle[]>,
): Promise<void> {
  if (several && options.text('out') !== undefined) {
    throw usage('--out is for one bundle, and a series has several', {
      hint: 'Give --out-dir, or take them from bundles/ in the authority.',
    });
  }
  const out = checkOut(context, options.text('out'));
  const outDir = checkOutDir(context, options.text('outDir'));
  const { made, folder } = await runOperation(context, command, async (operation) => {
    const folderChange = outDir === undefined ? [] : [`the folder ${outDir} is made, for a web server`];
    const signed = await action(withOutput(operation, ...copyChange(out), ...folderChange));
    return { made: signed, folder: outDir === undefined ? undefined : await folderOfSigned(operation, outDir, signed) };
  });
  const [one] = made;
  if (one === undefined) throw new TypeError('a series has a bundle');
  const { sequence, issuedAt, expiresAt } = one.bundle.payload;
  const kept = made.map(({ file }) => resolve(context.dir, file));
  const files = made.map(({ bundle }, i) => folder?.fileOf(bundle.sequence) ?? kept[i] ?? '');
  const path = out === undefined ? (files[0] ?? '') : copyOut(kept[0] ?? '', out);
  const json = {
    file: path,
    ...(several ? { files } : {}),
    ...(folder === undefined ? {} : { out_dir: folder.dir }),
    sequence,
    ...timeJson('issued_at', issuedAt),
    ...timeJson('expires_at', expiresAt),
    signers: [...one.signers],
  };
  const shown = made.map(
    ({ bundle: { payload } }, i) =>
      [`bundle ${String(payload.sequence)}`, `${files[i] ?? ''}, from ${formatTime(payload.issuedAt)}`] as const,
  );
  result(context.options, json, () =>
    !several
      ? `Bundle ${String(sequence)} is signed, and passes the checks that clients make.\n\n${fields([
          ['file', path],
          ['expires at', formatTime(expiresAt)],
          ...one.signers.map((signer) => ['signed by', signer] as const),
        ])}\n${folder === undefined ? 'Publish it at the get AS credentials endpoint.\n' : folderText(folder)}`
      : `${String(made.length)} bundles are signed ahead, and pass the checks that clients make.\n\n${fields(shown)}\n${folder === undefined ? 'Publish each at the get AS credentials endpoint when its time comes, and not before.\n' : folderText(folder)}`,
  );
}
