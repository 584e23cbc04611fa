/** What went wrong in a PKCS#11 module, in plain words. All of it is exit 3: a device could not. */
import { couldNot, type CeremonyError } from '../../common/errors.js';
import { CKR } from './constants.js';
import type { WireFailure } from './protocol.js';

const GONE = 'Put the token back, look whether its light and its cable are right, and run the command again.';

/** Code, what, hint. */
const KNOWN: ReadonlyMap<number, readonly [code: string, what: string, hint: string]> = new Map([
  [
    CKR.pinIncorrect,
    [
      'wrong-pin',
      'the PIN is wrong',
      'It was tried once, and is not tried again by itself: tokens lock after a few wrong ones. Look at as-ceremony hsm list before you try again.',
    ],
  ],
  [
    CKR.pinInvalid,
    ['wrong-pin', 'the PIN has a character that the token does not take', 'Check the PIN and the keyboard layout.'],
  ],
  [CKR.pinLengthRange, ['wrong-pin', 'the PIN is too short or too long for this token', 'Check the PIN.']],
  [CKR.pinExpired, ['pin-expired', 'the PIN has expired', "Set a new one with the vendor's tool."]],
  [
    CKR.pinLocked,
    [
      'pin-locked',
      'the PIN is locked after too many wrong ones',
      "Unlock it with the security officer's PIN and the vendor's tool.",
    ],
  ],
  [
    CKR.userPinNotInitialized,
    ['pin-not-set', 'the token has no user PIN yet', 'Set one: as-ceremony hsm init-token, or the vendor’s tool.'],
  ],
  [CKR.tokenNotPresent, ['hsm-removed', 'the token is gone', GONE]],
  [CKR.deviceRemoved, ['hsm-removed', 'the token was removed', GONE]],
  [CKR.tokenNotRecognized, ['hsm-removed', 'the token is not recognised any more', GONE]],
  [CKR.sessionClosed, ['hsm-removed', 'the session was closed, as when the token is removed', GONE]],
  [CKR.sessionHandleInvalid, ['hsm-removed', 'the session has ended, as when the token is removed', GONE]],
  [
    CKR.functionCanceled,
    ['hsm-canceled', 'it was cancelled at the device', 'Run the command again when you are ready.'],
  ],
  [CKR.cancel, ['hsm-canceled', 'it was cancelled at the device', 'Run the command again when you are ready.']],
  [
    CKR.deviceMemory,
    [
      'hsm-full',
      'the token has no room left',
      'Free some room on the token; as-ceremony hsm keys shows what is there.',
    ],
  ],
  [
    CKR.tokenWriteProtected,
    ['hsm-write-protected', 'the token is write-protected', "Lift the protection with the vendor's tool."],
  ],
  [
    CKR.dataLengthRange,
    [
      'hsm-data-length',
      'what is to be signed is too long for this token',
      'Ed25519 and Ed448 sign the whole message, and some tokens take little; an ECDSA key signs a hash.',
    ],
  ],
  [
    CKR.userNotLoggedIn,
    ['hsm-error', 'the token wants a login for this', 'Look at the state of the token with as-ceremony hsm list.'],
  ],
] as const);

/** `doing` completes "… failed": what was tried, such as `signing with pkcs11:…`. */
export function failureError(failure: WireFailure, doing: string, module: string): CeremonyError {
  switch (failure.kind) {
    case 'no-pkcs11js':
      return couldNot('hsm-unavailable', `the package pkcs11js is missing or was not compiled: ${failure.what}`, {
        hint: 'Where a C++ compiler, make and Python are, run: npm rebuild pkcs11js. Software keys (file:) work without it.',
      });
    case 'no-koffi':
      return couldNot('hsm-unavailable', `a login at the device itself needs the package koffi: ${failure.what}`, {
        hint: 'Install the optional packages too: npm install --include=optional.',
      });
    case 'not-loaded':
      return couldNot('hsm-module', `${module} could not be loaded: ${failure.what}`, {
        hint: 'Check module-path; as-ceremony hsm list shows the modules of this machine.',
      });
    case 'other':
      return couldNot('hsm-error', `${doing} failed: ${failure.what}`, { hint: 'Check the module and its settings.' });
    case 'rv': {
      const known = KNOWN.get(failure.rv);
      const number = `${failure.name === '' ? 'CKR' : failure.name}, 0x${failure.rv.toString(16)}`;
      if (known === undefined) {
        return couldNot('hsm-error', `${doing} failed with ${number}`, {
          hint: "Look the code up in the vendor's manual.",
        });
      }
      const [code, what, hint] = known;
      return couldNot(code, `${doing} failed: ${what} (${number})`, { hint });
    }
  }
}

export function isRv(failure: WireFailure, ...rvs: readonly number[]): boolean {
  return failure.kind === 'rv' && rvs.includes(failure.rv);
}
