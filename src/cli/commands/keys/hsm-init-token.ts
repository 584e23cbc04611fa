import { openAuthority } from '../../../authority/authority.js';
import { existsInside } from '../../../authority/ground/inside.js';
import { SETTINGS_FILE } from '../../../authority/ground/layout.js';
import { utf8 } from '../../../common/bytes.js';
import { refused, usage } from '../../../common/errors.js';
import { initToken } from '../../../operations/keys/hsm-init.js';
import { moduleAt } from '../../../signer/pkcs11/modules.js';
import type { PinSource } from '../../../signer/pkcs11/session.js';
import { hsmMeans, namedModules } from '../../operation/hsm-means.js';
import { confirmPreview } from '../../operation/run-operation.js';
import type { CommandModule, Options } from '../../program/command.js';
import type { CommandContext } from '../../program/context.js';
import { untilInterrupted } from '../../terminal/interrupt.js';
import { result } from '../../terminal/output.js';
import { askTwice, tokenPins } from '../../terminal/pins.js';
import { fields } from '../../terminal/render.js';
import { readPinFile } from '../../terminal/secret-file.js';

function needed(options: Options, name: string): string {
  const value = options.text(name);
  if (value === undefined || value === '')
    throw usage(`--${name} is missing`, { hint: 'Run the command with --help.' });
  return value;
}

/** Returns the one module that is named. Error: `usage`. */
function oneModule(context: CommandContext): string {
  const [only, second] = namedModules(context);
  if (only === undefined || second !== undefined)
    throw usage(
      only === undefined ? '--module is missing' : 'several modules are named, but a token is in one of them',
      {
        hint: 'Name the PKCS#11 module of the token: --module PATH.',
      },
    );
  return only;
}

/**
 * Returns where the PINs come from: the user's from --pin-file and the security officer's from --so-pin-file, or both
 * typed twice.
 */
function pins(context: CommandContext, soPinFile: string | undefined): PinSource {
  const plain = tokenPins(context);
  return {
    announce: (text) => {
      plain.announce(text);
    },
    pin: (request) => {
      if (request.whose !== 'new-user' && soPinFile !== undefined)
        return readPinFile(soPinFile, request.whose === 'new-so');
      const isFile = request.whose === 'new-user' && (context.options.pinFile ?? []).length > 0;
      return isFile || request.whose === 'so'
        ? plain.pin({ ...request, warnings: [] })
        : askTwice(context.terminal, request);
    },
  };
}

export const { define, run }: CommandModule = {
  define: (command) => {
    command
      .option('--label <label>', "the token's new label, at most 32 bytes")
      .option('--token <label>', 'the token to erase and make again, by its current label')
      .option('--serial <serial>', 'the same token, by its serial number')
      .option('--erase <label>', 'its current label again: needed to erase a token with --yes')
      .option('--so-pin-file <file>', "the security officer's PIN, from a file or /dev/fd/N")
      .addHelpText(
        'after',
        '\n--module names the PKCS#11 module. Without --token and --serial: the only uninitialised token. --pin-file gives the new PIN.',
      );
  },
  run: async (context, _args, options) => {
    const label = needed(options, 'label');
    if (utf8(label).length > 32 || /\p{C}/u.test(label) || label.trim() !== label) {
      throw usage(`--label ${JSON.stringify(label)} is not 1 to 32 bytes of plain text`, {
        hint: 'Choose a shorter one.',
      });
    }
    if (
      options.text('erase') !== undefined &&
      options.text('token') === undefined &&
      options.text('serial') === undefined
    )
      throw usage('--erase does not say which token is erased', { hint: 'Name it with --token or --serial too.' });
    const inside = existsInside(context.dir, SETTINGS_FILE);
    const authority = inside ? await openAuthority(context.dir) : undefined;
    const [token, serial] = [options.text('token'), options.text('serial')];
    const wanted = {
      module: moduleAt(oneModule(context)),
      label,
      ...(token === undefined ? {} : { token }),
      ...(serial === undefined ? {} : { serial }),
    };
    const made = await untilInterrupted(() =>
      initToken(
        {
          hsm: hsmMeans(context, authority?.settings),
          pins: pins(context, options.text('soPinFile')),
          authority,
          confirm: (preview) => confirmPreview(context, preview),
          confirmErasure: async ({ label: erased }) => {
            const typed =
              options.text('erase') ??
              (await context.terminal.askLine(`Type the label of the token that is erased (${erased})`));
            if (typed === erased) return;
            throw refused('declined', `${JSON.stringify(typed)} is not the label of the token; nothing was erased`, {
              hint: 'Check that this is the token that you mean.',
            });
          },
        },
        wanted,
      ),
    );
    result(
      context.options,
      { token: made.label, serial: made.serial, model: made.model, firmware: made.firmware },
      () =>
        [
          'The token is made.\n',
          fields([
            ['label', made.label],
            ['serial', made.serial],
          ]),
          `Its keys are named pkcs11:token=${encodeURIComponent(made.label)};object=NAME?module-path=${wanted.module.path}\n`,
        ].join('\n'),
    );
  },
};
