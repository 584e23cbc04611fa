/** QR codes as text for terminals. */
import { couldNot } from '../common/errors.js';

export interface QrStyle {
  /** Half blocks, two rows of modules in a line (the terminal speaks UTF-8); else `##` for a dark module. */
  readonly unicode: boolean;
  /** Black on white by escape sequences, whatever the terminal's own colours are. */
  readonly colour: boolean;
}

/** Light modules around the symbol that a scanner needs (ISO/IEC 18004:2015, 6.3.8). */
const QUIET_ZONE = 4;
// White 47 rather than bright white 107, which old consoles don't know.
const BLACK_ON_WHITE = '\u001b[30;47m';
const RESET = '\u001b[0m';

/**
 * A QR code (error correction M) of `text`, with a newline at its end. Without colour it is drawn as on paper, so that
 * it looks reversed on a dark terminal; ISO/IEC 18004:2015 allows that, and most scanners read it.
 * Error: `qr-too-long` for more than fits, about 2,300 characters.
 */
export async function terminalQr(text: string, style: QrStyle = { unicode: true, colour: true }): Promise<string> {
  const { create } = await import('qrcode/lib/core/qrcode.js');
  const { size, data } = makeCode(() => create(text, { errorCorrectionLevel: 'M' }).modules, text);
  const dark = (row: number, column: number): boolean => {
    const [r, c] = [row - QUIET_ZONE, column - QUIET_ZONE];
    return r >= 0 && c >= 0 && r < size && c < size && data[r * size + c] === 1;
  };
  const width = size + 2 * QUIET_ZONE;
  const lines: string[] = [];
  for (let row = 0; row < width; row += style.unicode ? 2 : 1) {
    let line = '';
    for (let column = 0; column < width; column++) {
      line += style.unicode ? halfBlock(dark(row, column), dark(row + 1, column)) : dark(row, column) ? '##' : '  ';
    }
    lines.push(style.colour ? colourLine(line) : line);
  }
  return lines.join('\n') + '\n';
}

interface Modules {
  readonly size: number;
  readonly data: Uint8Array;
}

function makeCode(create: () => Modules, text: string): Modules {
  try {
    return create();
  } catch (error) {
    throw couldNot('qr-too-long', `${String(text.length)} characters do not fit into a QR code`, {
      hint: 'Show fewer at once.',
      cause: error,
    });
  }
}

function halfBlock(above: boolean, below: boolean): string {
  if (above) return below ? '█' : '▀';
  return below ? '▄' : ' ';
}

/** `##` becomes a black background, since a coloured hash sign leaves half of its cell light. */
function colourLine(line: string): string {
  return (
    BLACK_ON_WHITE + line.replace(/(?:##)+/g, (hashes) => `\u001b[40m${' '.repeat(hashes.length)}\u001b[47m`) + RESET
  );
}
