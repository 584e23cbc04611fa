/** `bundle published` and `bundle withdraw`, which write the same kind of record. */
import { resolve } from 'node:path';
import { MAX_BUNDLE_FILE, readFile } from '../../../common/files.js';
import { markBundle } from '../../../operations/bundles/mark-bundle.js';
import { runOperation } from '../../operation/run-operation.js';
import { first } from '../../options/file-arguments.js';
import type { CommandModule } from '../../program/command.js';
import { result } from '../../terminal/output.js';

export function bundleMark(name: 'bundle published' | 'bundle withdraw'): CommandModule {
  const state = name === 'bundle withdraw' ? 'withdrawn' : 'published';
  return {
    define: (command) => {
      command.argument('<file>', 'the bundle, or an exact copy of it');
    },
    run: async (context, args) => {
      const bytes = readFile(first(args), MAX_BUNDLE_FILE);
      const { file, number } = await runOperation(context, name, (operation) => markBundle(operation, bytes, state));
      const path = resolve(context.dir, file);
      result(
        context.options,
        { file: path, sequence: number, state },
        () => `Bundle ${String(number)} is recorded as ${state}: ${path}\n`,
      );
    },
  };
}
