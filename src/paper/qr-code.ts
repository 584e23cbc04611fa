/** QR codes as modules. Only this file uses the qr package. */
import { couldNot } from '../common/errors.js';

/** The light modules around the symbol that a scanner needs (ISO/IEC 18004:2015, 6.3.8). */
const QUIET_ZONE = 4;

export interface QrCode {
  /** The number of modules on a side, with the quiet zone. */
  readonly size: number;
  /** Returns whether a module is dark; false outside the symbol. Both count from 0 at the edge of the quiet zone. */
  readonly dark: (row: number, column: number) => boolean;
}

/**
 * Returns the QR code (error correction M) of `text`. Error: `qr-too-long` if it does not fit, from about 2,300
 * characters.
 */
export async function qrCode(text: string): Promise<QrCode> {
  const { default: encodeQR } = await import('qr');
  const modules = makeModules(() => encodeQR(text, 'raw', { ecc: 'medium', border: QUIET_ZONE }), text);
  return { size: modules.length, dark: (row, column) => modules[row]?.[column] === true };
}

function makeModules(create: () => boolean[][], text: string): readonly (readonly boolean[])[] {
  try {
    return create();
  } catch (error) {
    throw couldNot('qr-too-long', `${String(text.length)} characters do not fit into a QR code`, {
      hint: 'Show fewer at once.',
      cause: error,
    });
  }
}
