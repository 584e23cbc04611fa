import type { CeremonyError } from '../../common/errors.js';

/** The exit status of each kind of error, and what it means; 0 is done, or valid. */
export const EXIT: Readonly<Record<CeremonyError['kind'], { readonly status: number; readonly meaning: string }>> = {
  refused: { status: 1, meaning: 'refused, or invalid: a check said no' },
  usage: { status: 2, meaning: 'wrong usage' },
  'could-not': { status: 3, meaning: 'could not: a file, a device or a secret failed' },
  interrupted: { status: 130, meaning: 'interrupted' },
};
