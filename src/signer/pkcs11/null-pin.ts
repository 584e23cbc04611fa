/**
 * C_Login with a NULL PIN, for tokens whose PIN is entered on the device itself or replaced by a quorum of smart cards
 * (CKF_PROTECTED_AUTHENTICATION_PATH). pkcs11js always passes a pointer, so this one call goes through koffi.
 */
import { messageOf } from '../../common/errors.js';
import { mustBeInstalled } from '../own-package.js';

/**
 * C_Login is the 19th function of CK_FUNCTION_LIST (PKCS#11 2.40 §3.6), which begins with a version padded to a
 * pointer.
 */
const LOGIN_INDEX = 18;
const FUNCTIONS_BEFORE = LOGIN_INDEX + 1;

/**
 * Logs into a session of the module at `path`, which this process has already loaded. Returns the module's CK_RV, or
 * what is missing for the call.
 */
export async function loginAtDevice(path: string, session: Uint8Array, userType: number): Promise<number | string> {
  if (process.platform === 'win32') return 'it is not built for Windows, where PKCS#11 packs its structures';
  let koffi: typeof import('koffi').default;
  try {
    mustBeInstalled('koffi');
    koffi = (await import('koffi')).default;
  } catch (error) {
    return messageOf(error).split('\n')[0] ?? '';
  }
  // Loading the same file again gives the same library, which knows the session.
  const library = koffi.load(path);
  const getFunctionList = library.func('C_GetFunctionList', 'unsigned long', ['_Out_ void **']);
  const list: unknown[] = [null];
  const rv = Number(getFunctionList(list));
  if (rv !== 0) return rv;
  const pointers = koffi.decode(list[0], koffi.array('void *', FUNCTIONS_BEFORE + 1)) as unknown[];
  const login = koffi.decode(
    pointers[FUNCTIONS_BEFORE],
    koffi.proto('unsigned long (unsigned long session, unsigned long type, void *pin, unsigned long length)'),
  ) as (...args: unknown[]) => number;
  const handle = Buffer.from(session).readBigUInt64LE(0);
  return login(handle, userType, null, 0);
}
