/** The first argument with which this program starts itself, to hold one PKCS#11 module. For nobody else. */
export const HSM_WORKER = '--hold-pkcs11-module';
