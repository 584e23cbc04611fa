import { MAX_SIGNATURES_FILE } from '../../../bundle/detached-signatures.js';
import { preparedForm } from '../../../bundle/prepared.js';
import { usage } from '../../../common/errors.js';
import { readFile } from '../../../common/files.js';
import { assemblePrepared } from '../../../operations/stages/assemble-prepared.js';
import type { CommandModule } from '../../program/command.js';
import { addOutOptions, bundlesOut } from '../../written/bundles-out.js';
import { readPrepared } from '../../written/stages.js';

export const { define, run }: CommandModule = {
  define: (command) => {
    addOutOptions(
      command
        .argument('<prepared>', 'what bundle prepare wrote')
        .argument('<signature...>', 'what bundle sign wrote, for every root that must sign'),
    );
  },
  run: async (context, [path, ...names], options) => {
    if (names.length === 0) throw usage('no signature file is given', { hint: 'Name what bundle sign wrote.' });
    const prepared = readPrepared(path);
    const several = preparedForm(prepared).bundles.length > 1;
    const files = names.map((name) => ({ name, bytes: readFile(name, MAX_SIGNATURES_FILE) }));
    await bundlesOut(context, options, { command: 'bundle assemble', several }, (operation) =>
      assemblePrepared(operation, { prepared, files }),
    );
  },
};
