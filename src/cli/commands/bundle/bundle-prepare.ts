import { usage } from '../../../common/errors.js';
import { formatTime, timeJson } from '../../../common/time.js';
import { signersOf } from '../../../operations/bundles/dry-run-bundle.js';
import { bundleOptionsIn, seriesIn } from '../../../operations/bundles/parse-bundle-options.js';
import { numberIn } from '../../../operations/context/text-options.js';
import { NEXT_BUNDLE } from '../../../operations/registry/option.js';
import { comparisonRows } from '../../../operations/stages/comparison-rows.js';
import { prepareBundles } from '../../../operations/stages/prepare-bundles.js';
import { runOperation } from '../../operation/run-operation.js';
import type { CommandModule } from '../../program/command.js';
import { addOptions } from '../../program/declared.js';
import { result } from '../../terminal/output.js';
import { fields } from '../../terminal/render.js';
import { checkStageOut, sha256Json, writeOut } from '../../written/stages.js';

export const { define, run }: CommandModule = {
  define: (command) => {
    addOptions(command, NEXT_BUNDLE)
      .option('--out <file>', 'where the prepared bundle goes (required)')
      .option('--sequence <n>', 'its number, if it must be higher than the next one')
      .addHelpText('after', '\nSigns nothing and changes nothing: bundle sign and bundle assemble come next.');
  },
  run: async (context, _args, options) => {
    const out = checkStageOut(context, options.text('out'));
    if (out === undefined) throw usage('--out is missing', { hint: 'Say where the prepared bundle goes.' });
    const count = seriesIn(options) ?? 1;
    const sequence = numberIn(options, 'sequence');
    const { bytes, unsigned } = await runOperation(context, 'bundle prepare', (operation) => {
      const wanted = {
        ...bundleOptionsIn(operation.authority, options),
        count,
        ...(sequence === undefined ? {} : { sequence }),
      };
      return prepareBundles(operation, wanted, out);
    });
    writeOut(out, bytes);
    const [first] = unsigned;
    if (first === undefined) throw new TypeError('nothing was planned');
    const signers = [...new Set(unsigned.flatMap(signersOf).map(({ fingerprint }) => fingerprint))];
    const json = {
      file: out,
      sequence: first.payload.sequence,
      sequences: unsigned.map(({ payload }) => payload.sequence),
      ...timeJson('issued_at', first.payload.issuedAt),
      ...timeJson('expires_at', first.payload.expiresAt),
      signers,
      ...sha256Json(bytes),
    };
    result(context.options, json, () => {
      const which = unsigned.map(({ payload }) => String(payload.sequence)).join(', ');
      return `Bundle ${which} is prepared, but not signed yet.\n\n${fields([
        ['file', out],
        ['issued at', formatTime(first.payload.issuedAt)],
        ...signers.map((signer) => ['to be signed by', signer] as const),
        ...comparisonRows(bytes),
      ])}\nTake it to the site of each of these roots (bundle sign), and read the words aloud to each other there.\n`;
    });
  },
};
