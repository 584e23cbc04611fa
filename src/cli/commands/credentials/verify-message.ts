import { usage } from '../../../common/errors.js';
import { MAX_TEXT_FILE, readFile } from '../../../common/files.js';
import { readCredential } from '../../../operations/context/read-credential.js';
import { verifyChain } from '../../../verify/chain.js';
import { verifyMessage } from '../../../verify/message.js';
import { addChainOptions, chainJson, chainQuestion, chainText } from '../../options/chain-options.js';
import type { CommandModule, Options } from '../../program/command.js';
import { result } from '../../terminal/output.js';

const MAX_MESSAGE = 64 * MAX_TEXT_FILE;

function needed(options: Options, name: string): string {
  const value = options.text(name);
  if (value === undefined) throw usage(`--${name} is missing`);
  return value;
}

export const { define, run }: CommandModule = {
  define: (command) => {
    addChainOptions(command)
      .option('--leaf <file>', 'the leaf credential')
      .option('--label <label>', 'the label of SignWithLabel, without "MLS 1.0 "')
      .option('--message <file>', 'what was signed')
      .option('--signature <file>', 'the raw signature');
  },
  run: async (context, _args, options) => {
    const leaf = readCredential(needed(options, 'leaf'), ['leaf_credential']);
    const signed = {
      label: needed(options, 'label'),
      message: readFile(needed(options, 'message'), MAX_MESSAGE),
      signature: readFile(needed(options, 'signature'), 1024),
    };
    const question = await chainQuestion(context, leaf, options);
    const chain = verifyChain(question);
    verifyMessage(chain, signed, question.engines);
    result(context.options, { code: 'valid', message: 'valid', chain: chainJson(chain) }, () =>
      chainText(context, chain, question.atSeconds),
    );
  },
};
