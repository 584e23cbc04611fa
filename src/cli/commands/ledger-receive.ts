import { resolve } from 'node:path';
import { openAuthority } from '../../authority/authority.js';
import { receive } from '../../operations/receive.js';
import type { CommandModule } from '../command.js';
import { atDesk } from '../desk.js';
import { first } from '../files.js';
import { result } from '../output.js';

export const { define, run }: CommandModule = {
  define: (command) => {
    command.argument('<dir>', "another site's copy of this authority, with its transcripts");
  },
  run: async (context, args) => {
    const from = await openAuthority(first(args));
    const files = await atDesk(context, 'ledger receive', (desk) => receive(desk, from));
    const paths = files.map((file) => resolve(context.dir, file));
    result(
      context.options,
      { files: paths },
      () => `Taken over, and on record:\n${paths.map((path) => `  ${path}\n`).join('')}`,
    );
  },
};
