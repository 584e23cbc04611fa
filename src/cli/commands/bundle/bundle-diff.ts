import { decodeBundle } from '../../../bundle/bundle.js';
import { toHex } from '../../../common/bytes.js';
import { usage } from '../../../common/errors.js';
import { MAX_BUNDLE_FILE, readFile } from '../../../common/files.js';
import { payloadOf } from '../../../verify/bundle-trust.js';
import { bundleChanges, type BundleSides } from '../../../verify/compare-bundles.js';
import { absolute } from '../../options/file-arguments.js';
import type { CommandModule } from '../../program/command.js';
import { result } from '../../terminal/output.js';
import { printable } from '../../terminal/render.js';

function side(path: string): BundleSides {
  const bundle = decodeBundle(readFile(path, MAX_BUNDLE_FILE));
  return { payload: payloadOf(bundle), signers: bundle.signatures.map(({ kid }) => toHex(kid)) };
}

export const { define, run }: CommandModule = {
  define: (command) => {
    command
      .argument('<old>', 'a bundle')
      .argument('<new>', 'another one')
      .addHelpText('after', '\nCompares the contents of the two, and verifies neither: bundle verify does that.');
  },
  run: (context, [old, now]) => {
    if (old === undefined || now === undefined) throw usage('give two bundles to compare');
    const changes = bundleChanges(side(old), side(now));
    const json = {
      old: absolute(old),
      new: absolute(now),
      changes: changes.map(({ kind, text, fingerprint }) => ({ kind, text, fingerprint })),
    };
    result(context.options, json, () =>
      changes.length === 0
        ? 'The two have the same contents.\n'
        : `${changes.map(({ text }) => printable(text)).join('\n')}\n\nNeither was verified: bundle verify does that.\n`,
    );
  },
};
