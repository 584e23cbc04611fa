/**
 * Errors for what went wrong in a PKCS#11 module, in plain words. All of them exit with 3, except for a module file
 * that was replaced.
 */
import type { CouldNotCode } from '../../common/codes.js';
import { type Advice, adviceOf, type CeremonyError, couldNot, refused } from '../../common/errors.js';
import { CKR } from './constants.js';
import type { WireFailure } from './protocol.js';

const GONE = 'Put the token back, check its light and cable, and run the command again.';

interface Known extends Advice {
  readonly code: CouldNotCode;
  readonly what: string;
}

const gone = (what: string): Known => ({ code: 'hsm-removed', what, hint: GONE });
const wrongPin = (what: string, hint: string): Known => ({ code: 'wrong-pin', what, hint });
const canceled: Known = {
  code: 'hsm-canceled',
  what: 'it was cancelled at the device',
  hint: 'Run the command again when you are ready.',
};

const KNOWN: Readonly<Record<number, Known>> = {
  [CKR.pinIncorrect]: {
    ...wrongPin(
      'the PIN is wrong',
      'It was tried once, and is not tried again automatically: tokens lock after a few wrong PINs. Check its state.',
    ),
    remedies: [{ command: 'hsm list' }],
  },
  [CKR.pinInvalid]: wrongPin(
    'the PIN has a character that the token does not accept',
    'Check the PIN and the keyboard.',
  ),
  [CKR.pinLengthRange]: wrongPin('the PIN is too short or too long for this token', 'Check the PIN.'),
  [CKR.pinExpired]: {
    code: 'pin-expired',
    what: 'the PIN has expired',
    hint: "Set a new one with the vendor's tool.",
  },
  [CKR.pinLocked]: {
    code: 'pin-locked',
    what: 'the PIN is locked after too many wrong ones',
    hint: "Unlock it with the security officer's PIN and the vendor's tool.",
  },
  [CKR.userPinNotInitialized]: {
    code: 'pin-not-set',
    what: 'the token has no user PIN yet',
    hint: "Set one, here or with the vendor's tool.",
    remedies: [{ command: 'hsm init-token', options: { label: 'LABEL' } }],
  },
  [CKR.tokenNotPresent]: gone('the token is gone'),
  [CKR.deviceRemoved]: gone('the token was removed'),
  [CKR.tokenNotRecognized]: gone('the token is not recognised any more'),
  [CKR.sessionClosed]: gone('the session was closed, as when the token is removed'),
  [CKR.sessionHandleInvalid]: gone('the session has ended, as when the token is removed'),
  [CKR.functionCanceled]: canceled,
  [CKR.cancel]: canceled,
  [CKR.deviceMemory]: {
    code: 'hsm-full',
    what: 'the token has no room left',
    hint: 'Free some room on it; look at its keys.',
    remedies: [{ command: 'hsm keys', args: ['TOKEN-URI'] }],
  },
  [CKR.tokenWriteProtected]: {
    code: 'hsm-write-protected',
    what: 'the token is write-protected',
    hint: "Lift the protection with the vendor's tool.",
  },
  [CKR.dataLengthRange]: {
    code: 'hsm-data-length',
    what: 'what is to be signed is too long for this token',
    hint: 'Ed25519 and Ed448 sign the whole message, and some tokens take little; an ECDSA key signs a hash.',
  },
};

/** Returns the error for a failure. `doing` completes "… failed": what was tried, such as `signing with pkcs11:…`. */
export function failureError(failure: WireFailure, doing: string, module: string): CeremonyError {
  switch (failure.kind) {
    case 'no-pkcs11js':
      return couldNot('hsm-unavailable', `the package pkcs11js is missing or was not compiled: ${failure.what}`, {
        hint: 'Where a C++ compiler, make and Python are, run npm run setup in the clone; docs/hsm.md says more. Software keys (file:) work without it.',
      });
    case 'no-koffi':
      return couldNot('hsm-unavailable', `a login at the device itself needs the package koffi: ${failure.what}`, {
        hint: 'Install the optional packages too: npm run setup in the clone; docs/hsm.md says more.',
      });
    case 'not-loaded':
      return couldNot('hsm-module', `${module} could not be loaded: ${failure.what}`, {
        hint: 'Check module-path, and list the modules of this machine.',
        remedies: [{ command: 'hsm list' }],
      });
    case 'exchanged':
      return refused('untrusted-module', `${module} was replaced after it was checked, and was not loaded`, {
        hint: 'Find out who changes it. Nothing of the new file has run.',
      });
    case 'other':
      return couldNot('hsm-error', `${doing} failed: ${failure.what}`, { hint: 'Check the module and its settings.' });
    case 'rv': {
      const known = KNOWN[failure.rv];
      const number = `${failure.name === '' ? 'CKR' : failure.name}, 0x${failure.rv.toString(16)}`;
      if (known === undefined) {
        return couldNot('hsm-error', `${doing} failed with ${number}`, {
          hint: "Look the code up in the vendor's manual.",
        });
      }
      return couldNot(known.code, `${doing} failed: ${known.what} (${number})`, adviceOf(known));
    }
  }
}

export function isRv(failure: WireFailure, ...rvs: readonly number[]): boolean {
  return failure.kind === 'rv' && rvs.includes(failure.rv);
}
