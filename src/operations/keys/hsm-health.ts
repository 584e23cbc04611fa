/** The health of a token, as far as it reports it without a PIN. */
import type { Pkcs11KeyUri } from '../../codec/key-uri.js';
import type { SchemeInfo } from '../../crypto/ciphersuite.js';
import { CKF } from '../../signer/pkcs11/constants.js';
import type { HsmMeans } from '../../signer/pkcs11/module-process.js';
import { mechanismsOf, missingMechanism } from '../../signer/pkcs11/probe.js';
import { HsmSession } from '../../signer/pkcs11/session.js';
import { tokenName } from '../../signer/pkcs11/token.js';

export interface TokenHealth {
  /** For people. */
  readonly name: string;
  /** Faults that would stop a ceremony. */
  readonly faults: readonly string[];
  /** What people should know. */
  readonly notes: readonly string[];
}

const FAULTS: readonly (readonly [number, string])[] = [
  [CKF.errorState, 'it has failed its self-test'],
  [CKF.userPinLocked, 'its PIN is locked'],
  [CKF.userPinFinalTry, 'one try of its PIN is left'],
  [CKF.userPinCountLow, 'a wrong PIN was given before'],
  [CKF.writeProtected, 'it is write-protected'],
];

/**
 * Finds the token, opens a session without a login, and checks its flags and its mechanisms for these schemes. Errors:
 * those of `HsmSession.open`, and of the module.
 */
export async function tokenHealth(
  uri: Pkcs11KeyUri,
  schemes: readonly SchemeInfo[],
  means: HsmMeans,
): Promise<TokenHealth> {
  const session = await HsmSession.open(uri, means);
  try {
    const { token } = session.found;
    const { flags } = token;
    const mechanisms = await mechanismsOf(session);
    const faults = [
      ...FAULTS.filter(([bit]) => (flags & bit) !== 0).map(([, what]) => what),
      ...((flags & CKF.userPinInitialized) === 0 && (flags & CKF.loginRequired) !== 0
        ? ['it has no user PIN yet']
        : []),
      ...schemes.flatMap((scheme) => missingMechanism(scheme, mechanisms) ?? []),
    ];
    const atDevice = (flags & CKF.protectedAuthenticationPath) !== 0;
    return {
      name: tokenName(token),
      faults,
      notes: [`firmware ${token.firmware}`, ...(atDevice ? ['its PIN is typed at the device'] : [])],
    };
  } finally {
    await session.close();
  }
}
