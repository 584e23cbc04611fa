/** The numbers of PKCS#11 2.40 and 3.0 that are used here, since pkcs11js has no name for some of them. */
export const CKO = { publicKey: 2, privateKey: 3 } as const;

export const CKK = { ec: 0x03, edwards: 0x40 } as const;

export const CKM = { ecKeyPairGen: 0x1040, ecdsa: 0x1041, edwardsKeyPairGen: 0x1055, eddsa: 0x1057 } as const;

export const CKA = {
  class: 0x00,
  token: 0x01,
  private: 0x02,
  label: 0x03,
  keyType: 0x100,
  id: 0x102,
  sensitive: 0x103,
  encrypt: 0x104,
  decrypt: 0x105,
  wrap: 0x106,
  unwrap: 0x107,
  sign: 0x108,
  signRecover: 0x109,
  verify: 0x10a,
  verifyRecover: 0x10b,
  derive: 0x10c,
  publicKeyInfo: 0x129,
  extractable: 0x162,
  local: 0x163,
  neverExtractable: 0x164,
  alwaysSensitive: 0x165,
  keyGenMechanism: 0x166,
  modifiable: 0x170,
  ecParams: 0x180,
  ecPoint: 0x181,
  wrapWithTrusted: 0x210,
} as const;

export const CKF = {
  loginRequired: 0x04,
  userPinInitialized: 0x08,
  writeProtected: 0x02,
  protectedAuthenticationPath: 0x100,
  tokenInitialized: 0x400,
  userPinCountLow: 0x1_0000,
  userPinFinalTry: 0x2_0000,
  userPinLocked: 0x4_0000,
  userPinToBeChanged: 0x8_0000,
  soPinCountLow: 0x10_0000,
  soPinFinalTry: 0x20_0000,
  soPinLocked: 0x40_0000,
  /** The token failed its self-test (PKCS#11 3.0 §3.2). */
  errorState: 0x100_0000,
} as const;

export const CKR = {
  cancel: 0x01,
  attributeSensitive: 0x11,
  attributeTypeInvalid: 0x12,
  attributeValueInvalid: 0x13,
  dataLengthRange: 0x21,
  deviceMemory: 0x31,
  deviceRemoved: 0x32,
  functionCanceled: 0x50,
  mechanismInvalid: 0x70,
  mechanismParamInvalid: 0x71,
  pinIncorrect: 0xa0,
  pinInvalid: 0xa1,
  pinLengthRange: 0xa2,
  pinExpired: 0xa3,
  pinLocked: 0xa4,
  sessionClosed: 0xb0,
  sessionHandleInvalid: 0xb3,
  templateIncomplete: 0xd0,
  templateInconsistent: 0xd1,
  tokenNotPresent: 0xe0,
  tokenNotRecognized: 0xe1,
  tokenWriteProtected: 0xe2,
  userAlreadyLoggedIn: 0x100,
  userNotLoggedIn: 0x101,
  userPinNotInitialized: 0x102,
} as const;

/** Names of mechanisms and attributes as PKCS#11 spells them, for records and messages. */
const MECHANISM_NAMES: ReadonlyMap<number, string> = new Map([
  [CKM.ecKeyPairGen, 'CKM_EC_KEY_PAIR_GEN'],
  [CKM.ecdsa, 'CKM_ECDSA'],
  [CKM.edwardsKeyPairGen, 'CKM_EC_EDWARDS_KEY_PAIR_GEN'],
  [CKM.eddsa, 'CKM_EDDSA'],
]);

export function mechanismName(mechanism: number): string {
  return MECHANISM_NAMES.get(mechanism) ?? `0x${mechanism.toString(16)}`;
}
