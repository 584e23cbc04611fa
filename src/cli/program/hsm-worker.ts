/** The first argument with which this program starts itself to hold one PKCS#11 module; it is not for users. */
export const HSM_WORKER = '--hold-pkcs11-module';
