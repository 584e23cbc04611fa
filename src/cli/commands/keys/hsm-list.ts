import { flagNames, listModules, type ModuleListing } from '../../../operations/keys/hsm-inventory.js';
import { hsmMeans, slotNumber } from '../../operation/hsm-means.js';
import type { CommandModule } from '../../program/command.js';
import { result } from '../../terminal/output.js';
import { fields } from '../../terminal/render.js';

function text(listings: readonly ModuleListing[]): string {
  if (listings.length === 0) return 'No PKCS#11 module was found. Any module can be named with --module.\n';
  return listings
    .map(({ module, library, slots, error }) => {
      const tokens = slots.flatMap(({ token, slot }) =>
        token === undefined
          ? []
          : [
              fields(
                [
                  ['token', token.label === '' ? '(no label)' : token.label],
                  ['serial', token.serial],
                  ['made by', `${token.manufacturer} ${token.model}`],
                  ['firmware', token.firmware],
                  ['slot', slotNumber(slot)],
                  ['state', flagNames(token).join(', ')],
                ],
                '    ',
              ),
            ],
      );
      const about =
        library === undefined ? '' : `  ${library.manufacturer}, ${library.description} ${library.version}\n`;
      const state = error === undefined ? tokens.join('\n') || '    no token\n' : `    ${error.message}\n`;
      return `${module.path}\n${about}\n${state}`;
    })
    .join('\n');
}

export const { define, run }: CommandModule = {
  define: (command) => {
    command.addHelpText('after', '\nWith --module: only these modules, wherever they are.');
  },
  run: async (context) => {
    const listings = await listModules(hsmMeans(context));
    const modules = listings.map(({ module, library, slots, error }) => ({
      module: module.path,
      name: module.name,
      ...(module.configuredBy === undefined ? {} : { configured_by: module.configuredBy }),
      ...(library === undefined ? {} : { library: { ...library } }),
      ...(error === undefined ? {} : { error: { code: error.code, message: error.message } }),
      tokens: slots.flatMap(({ token, slot }) =>
        token === undefined
          ? []
          : [
              {
                token: token.label,
                serial: token.serial,
                manufacturer: token.manufacturer,
                model: token.model,
                firmware: token.firmware,
                hardware: token.hardware,
                slot_id: slotNumber(slot),
                flags: flagNames(token),
              },
            ],
      ),
    }));
    result(context.options, { modules }, () => text(listings));
  },
};
