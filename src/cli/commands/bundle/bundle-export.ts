import { exportSeries } from '../../../operations/bundles/export-bundle.js';
import { bundleWishIn, seriesIn } from '../../../operations/bundles/bundle-wish.js';
import { addBundleOptions } from '../../options/bundle-options.js';
import type { CommandModule } from '../../program/command.js';
import { addOutOptions, bundlesOut } from '../../written/bundles-out.js';

export const { define, run }: CommandModule = {
  define: (command) => {
    addBundleOptions(addOutOptions(command));
  },
  run: async (context, _args, options) => {
    const series = seriesIn(options);
    await bundlesOut(context, options, { command: 'bundle export', several: series !== undefined }, (desk) =>
      exportSeries(desk, bundleWishIn(desk.authority, options), series ?? 1),
    );
  },
};
