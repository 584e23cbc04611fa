/** QR codes as text for terminals. */
import { qrCode } from '../../paper/qr-code.js';

export interface QrStyle {
  /** Half blocks, two rows of modules in a line (the terminal speaks UTF-8); else `##` for a dark module. */
  readonly unicode: boolean;
  /** Black on white by escape sequences, whatever the terminal's own colours are. */
  readonly colour: boolean;
}

// White 47 rather than bright white 107, which old consoles don't know.
const BLACK_ON_WHITE = '\u001b[30;47m';
const RESET = '\u001b[0m';

/**
 * A QR code (error correction M) of `text`, with a newline at its end. Without colour it is drawn as on paper, so that
 * it looks reversed on a dark terminal; ISO/IEC 18004:2015 allows that, and most scanners read it.
 * Error: `qr-too-long` for more than fits, about 2,300 characters.
 */
export async function terminalQr(text: string, style: QrStyle = { unicode: true, colour: true }): Promise<string> {
  const { size, dark } = await qrCode(text);
  const lines: string[] = [];
  for (let row = 0; row < size; row += style.unicode ? 2 : 1) {
    let line = '';
    for (let column = 0; column < size; column++) {
      line += style.unicode ? halfBlock(dark(row, column), dark(row + 1, column)) : dark(row, column) ? '##' : '  ';
    }
    lines.push(style.colour ? colourLine(line) : line);
  }
  return lines.join('\n') + '\n';
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
