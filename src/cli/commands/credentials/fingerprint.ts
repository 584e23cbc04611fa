import { fromHex, toHex } from '../../../common/bytes.js';
import { hexGroups, lines } from '../../../common/groups.js';
import { fingerprintOf } from '../../../credential/fingerprint-of.js';
import { KINDS } from '../../../credential/kinds.js';
import { absolute, readAnyKind } from '../../options/file-arguments.js';
import type { CommandModule } from '../../program/command.js';
import { result } from '../../terminal/output.js';
import { coloured, columnsOf, printable, speaksUtf8 } from '../../terminal/render.js';
import { out } from '../../terminal/streams.js';

/**
 * Returns a QR code, in half blocks if the locale is UTF-8, and in colours if the terminal accepts them; undefined if
 * the terminal would break its lines, so that no camera could read it.
 */
async function qrThatFits(fingerprint: string, colourWanted: boolean): Promise<string | undefined> {
  const { terminalQr } = await import('../../terminal/qr.js');
  const style = { unicode: speaksUtf8(), colour: coloured(out, colourWanted) };
  const [firstLine = ''] = (await terminalQr(fingerprint, { ...style, colour: false })).split('\n');
  return firstLine.length <= (columnsOf(out) ?? Infinity) ? terminalQr(fingerprint, style) : undefined;
}

async function wordLines(fingerprint: string): Promise<readonly string[]> {
  const { toPgpWords } = await import('../../../common/pgp-words.js');
  return lines(toPgpWords(fromHex(fingerprint) ?? new Uint8Array()), 4).map((line) => `    ${line}`);
}

export const { define, run }: CommandModule = {
  define: (command) => {
    command
      .argument('<file...>', 'credentials or requests, as PEM or raw bytes')
      .option('--words', 'also as PGP words, for reading aloud')
      .option('--qr', 'also as a QR code')
      .option('--kind <kind>', 'the kind of raw bytes, such as as_credential');
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
        const qr = options.flag('qr') ? await qrThatFits(fingerprint, global.color !== false) : undefined;
        const noRoom = options.flag('qr') && qr === undefined;
        if (options.flag('words') || noRoom) text.push(...(await wordLines(fingerprint)));
        if (noRoom) text.push('    This terminal is too narrow for the QR code: compare the words.');
        if (qr !== undefined) text.push(qr);
      }
    }
    result(
      global,
      { credentials: credentials.map((one) => ({ ...one, file: absolute(one.file) })) },
      () => `${text.join('\n')}\n`,
    );
  },
};
