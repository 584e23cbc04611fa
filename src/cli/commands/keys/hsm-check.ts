import { checkToken } from '../../../operations/keys/hsm-inventory.js';
import { hsmMeans, tokenJson, tokenRow, tokenUri } from '../../operation/hsm-means.js';
import { first } from '../../options/file-arguments.js';
import type { CommandModule } from '../../program/command.js';
import { declare } from '../../program/declared.js';
import { result } from '../../terminal/output.js';
import { tokenPins } from '../../terminal/pins.js';
import { fields, textTable } from '../../terminal/render.js';

export const { define, run }: CommandModule = {
  define: (command) => {
    declare(command, 'hsm check');
  },
  run: async (context, args, options) => {
    const { random } = context;
    const login = options.value('login') !== false;
    const pins = tokenPins(context);
    const { found, suites } = await checkToken(tokenUri(first(args)), hsmMeans(context), { login, pins, random });
    result(context.options, { ...tokenJson(found), ciphersuites: suites.map((suite) => ({ ...suite })) }, () =>
      [
        fields([tokenRow(found)], ''),
        textTable(
          ['ciphersuite', 'possible', 'why'],
          suites.map(({ ciphersuite, possible, why }) => [ciphersuite, possible ? 'yes' : 'no', why]),
        ),
      ].join('\n'),
    );
  },
};
