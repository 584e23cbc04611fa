import { fromHex, toHex } from '../../common/bytes.js';
import { hexGroups, lines } from '../../common/groups.js';
import { fingerprintOf } from '../../credential/fingerprint.js';
import { KINDS } from '../../credential/kinds.js';
import type { CommandModule } from '../command.js';
import { absolute, readAnyKind } from '../files.js';
import { result } from '../output.js';
import type { QrStyle } from '../qr.js';
import { out } from '../streams.js';
import { coloured, printable, speaksUtf8 } from '../render.js';

/** Half blocks where the locale is UTF-8, colours where a terminal takes them. */
function qrStyle(colourWanted: boolean): QrStyle {
  return { unicode: speaksUtf8(), colour: coloured(out, colourWanted) };
}

export const { define, run }: CommandModule = {
  define: (command) => {
    command
      .argument('<file...>', 'credentials or requests, PEM or raw bytes')
      .option('--words', 'as PGP words too, for reading aloud')
      .option('--qr', 'as a QR code too')
      .option('--kind <kind>', 'what raw bytes are, such as as_credential');
  },
  run: async ({ options: global }, args, options) => {
    const credentials = args.map((file) => {
      const credential = readAnyKind(file, options.text('kind'));
      const { kind, payload } = credential;
      return { file, kind, fingerprint: toHex(fingerprintOf(credential)), hash: payload.ciphersuite.hash.name };
    });
    const text: string[] = [];
    if (global.json !== true) {
      for (const { file, kind, fingerprint, hash } of credentials) {
        text.push(printable(file), `  ${KINDS[kind].title}, ${hash}`, `  ${fingerprint}`);
        text.push(...hexGroups(fingerprint).map((line) => `    ${line}`));
        if (options.flag('words')) {
          const { toPgpWords } = await import('../../common/pgp-words.js');
          text.push(...lines(toPgpWords(fromHex(fingerprint) ?? new Uint8Array()), 4).map((line) => `    ${line}`));
        }
        if (options.flag('qr')) {
          const { terminalQr } = await import('../qr.js');
          text.push(await terminalQr(fingerprint, qrStyle(global.color !== false)));
        }
      }
    }
    result(
      global,
      { credentials: credentials.map((one) => ({ ...one, file: absolute(one.file) })) },
      () => `${text.join('\n')}\n`,
    );
  },
};
