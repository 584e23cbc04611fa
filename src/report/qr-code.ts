/** QR codes, as modules; the only door of the qrcode package. */
import { couldNot } from '../common/errors.js';

/** Light modules around the symbol that a scanner needs (ISO/IEC 18004:2015, 6.3.8). */
export const QUIET_ZONE = 4;

export interface QrCode {
  /** Modules of a side, with the quiet zone. */
  readonly size: number;
  /** Whether the module is dark; false outside the symbol. Both count from 0 at the edge of the quiet zone. */
  readonly dark: (row: number, column: number) => boolean;
}

/** The QR code (error correction M) of `text`. Error: `qr-too-long` for more than fits, about 2,300 characters. */
export async function qrCode(text: string): Promise<QrCode> {
  const { create } = await import('qrcode/lib/core/qrcode.js');
  const { size, data } = makeModules(() => create(text, { errorCorrectionLevel: 'M' }).modules, text);
  return {
    size: size + 2 * QUIET_ZONE,
    dark: (row, column) => {
      const [r, c] = [row - QUIET_ZONE, column - QUIET_ZONE];
      return r >= 0 && c >= 0 && r < size && c < size && data[r * size + c] === 1;
    },
  };
}

interface Modules {
  readonly size: number;
  readonly data: Uint8Array;
}

function makeModules(create: () => Modules, text: string): Modules {
  try {
    return create();
  } catch (error) {
    throw couldNot('qr-too-long', `${String(text.length)} characters do not fit into a QR code`, {
      hint: 'Show fewer at once.',
      cause: error,
    });
  }
}
