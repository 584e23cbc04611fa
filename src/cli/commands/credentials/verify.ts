import { CeremonyError } from '../../../common/errors.js';
import { readCredential } from '../../../operations/context/read-credential.js';
import { examineChain } from '../../../verify/chain.js';
import { addChainOptions, chainJson, chainQuestion, chainText } from '../../options/chain-options.js';
import { CREDENTIAL_KINDS, first } from '../../options/file-arguments.js';
import type { CommandModule } from '../../program/command.js';
import { printError, result } from '../../terminal/output.js';

export const { define, run }: CommandModule = {
  define: (command) => {
    addChainOptions(command.argument('<credential>', 'the credential to verify (PEM)')).option(
      '--all',
      'show every fault, not only the first',
    );
  },
  run: async (context, args, options) => {
    const subject = readCredential(first(args), CREDENTIAL_KINDS);
    const question = await chainQuestion(context, subject, options);
    const { links, faults } = examineChain(question);
    const found = [];
    for (const fault of faults) {
      found.push(fault);
      if (!options.flag('all')) break;
    }
    const [worst, ...others] = found;
    if (worst === undefined) {
      result(context.options, { code: 'valid', message: 'valid', chain: chainJson(links) }, () =>
        chainText(context, links, question.atSeconds),
      );
      return;
    }
    const findings = others.length === 0 ? [] : found.map(({ code, message }) => ({ rule: 'chain', code, message }));
    const details = { findings, ...(worst.hint === undefined ? {} : { hint: worst.hint }) };
    printError(context.options, new CeremonyError('refused', worst.code, worst.message, details), {
      chain: chainJson(links),
    });
    process.exitCode = 1;
  },
};
