import { toHex } from '../../common/bytes.js';
import { formatTime } from '../../common/time.js';
import type { AsCredential } from '../../credential/as-credential.js';
import type { ExpirationData } from '../../credential/expiration-data.js';
import { fingerprintOf } from '../../credential/fingerprint-of.js';
import { ciphersuiteName, type CredentialCiphersuite } from '../../crypto/ciphersuite.js';
import type { Row } from './operation-context.js';

const DAY = 86_400;

export function validityRows({ notBefore, notAfter }: ExpirationData): readonly Row[] {
  const days = Math.round((notAfter + 1 - notBefore) / DAY);
  return [
    ['valid from', formatTime(notBefore)],
    ['valid until', `${formatTime(notAfter)} (${String(days)} days)`],
  ];
}

export function suiteRow(ciphersuite: CredentialCiphersuite): Row {
  return ['ciphersuite', ciphersuiteName(ciphersuite)];
}

export function signerRows(signer: AsCredential): readonly Row[] {
  return [
    ['signed by root', toHex(fingerprintOf(signer))],
    ["root's validity ends", formatTime(signer.payload.expirationData.notAfter)],
  ];
}
