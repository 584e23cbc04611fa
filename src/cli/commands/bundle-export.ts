import { exportSeries } from '../../operations/export-bundle.js';
import { bundleWishIn, seriesIn } from '../../operations/bundle-wish.js';
import { addBundleOptions } from '../bundle-options.js';
import type { CommandModule } from '../command.js';
import { addOutOptions, bundlesOut } from '../bundles-out.js';

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
