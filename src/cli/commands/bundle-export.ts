import { exportSeries } from '../../operations/export-bundle.js';
import { addBundleOptions, bundleWish, numberOf } from '../bundle-wish.js';
import type { CommandModule } from '../command.js';
import { addOutOptions, bundlesOut } from '../bundles-out.js';

export const { define, run }: CommandModule = {
  define: (command) => {
    addBundleOptions(addOutOptions(command));
  },
  run: async (context, _args, options) => {
    const series = numberOf(options, 'series');
    await bundlesOut(context, options, { command: 'bundle export', several: series !== undefined }, (desk) =>
      exportSeries(desk, bundleWish(desk.authority, options), series ?? 1),
    );
  },
};
