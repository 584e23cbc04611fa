import { usage } from '../../../common/errors.js';
import { bashScript } from '../../completion/bash.js';
import { type Declared, describe } from '../../completion/described.js';
import { fishScript } from '../../completion/fish.js';
import { SHELLS } from '../../completion/value-kinds.js';
import { zshScript } from '../../completion/zsh.js';
import { first } from '../../options/file-arguments.js';
import type { CommandModule } from '../../program/command.js';
import { result } from '../../terminal/output.js';

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript };

/** The script is fixed: completing runs no program, and evaluates nothing that was typed. */
export function completion(declared: Declared): CommandModule {
  return {
    define: (command) => {
      command
        .argument('<shell>', SHELLS.join(', '))
        .addHelpText(
          'after',
          [
            '',
            'bash: as-ceremony completion bash > ~/.local/share/bash-completion/completions/as-ceremony',
            'zsh:  as-ceremony completion zsh > FOLDER/_as-ceremony, for a folder in $fpath',
            'fish: as-ceremony completion fish > ~/.config/fish/completions/as-ceremony.fish',
          ].join('\n'),
        );
    },
    run: async (context, args) => {
      const shell = SHELLS.find((known) => known === first(args));
      if (shell === undefined) {
        throw usage(`there is no completion for ${JSON.stringify(first(args))}`, {
          hint: `Choose one of ${SHELLS.join(', ')}.`,
        });
      }
      const script = SCRIPTS[shell](await describe(declared));
      result(context.options, { shell, script }, () => script);
    },
  };
}
