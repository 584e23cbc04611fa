import { exportSeries } from '../../../operations/bundles/export-bundle.js';
import { bundleOptionsIn, seriesIn } from '../../../operations/bundles/parse-bundle-options.js';
import type { CommandModule } from '../../program/command.js';
import { declare } from '../../program/declared.js';
import { bundlesOut } from '../../written/bundles-out.js';

export const { define, run }: CommandModule = {
  define: (command) => {
    declare(command, 'bundle export');
  },
  run: async (context, _args, options) => {
    const series = seriesIn(options);
    await bundlesOut(context, options, { command: 'bundle export', several: series !== undefined }, (operation) =>
      exportSeries(operation, bundleOptionsIn(operation.authority, options), series ?? 1),
    );
  },
};
