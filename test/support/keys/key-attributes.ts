/** What a token must say of a key that this program has made. */
export const GOOD_ATTRIBUTES = {
  token: true,
  private: true,
  sensitive: true,
  extractable: false,
  modifiable: false,
  sign: true,
  sign_recover: false,
  decrypt: false,
  unwrap: false,
  derive: false,
  local: true,
  always_sensitive: true,
  never_extractable: true,
} as const;
