import { resolve } from 'node:path';
import { formatTime, parseDuration } from '../../common/time.js';
import { exportBundle } from '../../operations/export-bundle.js';
import type { CommandModule } from '../command.js';
import { atDesk } from '../desk.js';
import { checkOut, copyOut } from '../out-file.js';
import { result } from '../output.js';
import { fields } from '../render.js';
import { timeJson } from '../times.js';

export const { define, run }: CommandModule = {
  define: (command) => {
    command
      .option('--out <file>', 'a copy of the bundle here too')
      .option('--lifetime <duration>', "how long it lasts, such as 120d (the policy's if not given)");
  },
  run: async (context, _args, options) => {
    const lifetime = options.text('lifetime');
    const out = checkOut(options.text('out'));
    const wish = lifetime === undefined ? {} : { lifetime: parseDuration(lifetime) };
    const { bundle, file, signers } = await atDesk(context, 'bundle export', (desk) => exportBundle(desk, wish));
    const { sequence, issuedAt, expiresAt } = bundle.payload;
    const path = copyOut(resolve(context.dir, file), out);
    const json = {
      file: path,
      sequence,
      ...timeJson('issued_at', issuedAt),
      ...timeJson('expires_at', expiresAt),
      signers: [...signers],
    };
    result(
      context.options,
      json,
      () =>
        `Bundle ${String(sequence)} is signed, and was accepted as clients will.\n\n${fields([
          ['file', path],
          ['expires at', formatTime(expiresAt)],
          ...signers.map((signer) => ['signed by', signer] as const),
        ])}\nPublish it at the get AS credentials endpoint.\n`,
    );
  },
};
