/** One PKCS#11 module, loaded into the process that serves it. */
import type { Attribute, Handle, PKCS11 } from 'pkcs11js';
import { fromUtf8 } from '../../common/bytes.js';
import { messageOf } from '../../common/errors.js';
import { mustBeInstalled } from '../own-package.js';
import { Failure, failureOf } from './failure.js';
import { isUnchanged, type ModuleFacts } from './module-trust.js';
import { loginAtDevice } from './null-pin.js';
import type { Request, WireAttribute, WireMechanism, WireModule, WireSlot, WireToken } from './protocol.js';

const SO = 0;
const USER = 1;
const SERIAL_AND_WRITABLE = 0x04 | 0x02;
const OS_LOCKING = 0x02;
/** Enough for any signature, even RSA with 16,384 bits. */
const MAX_SIGNATURE = 2048;

const unhex = (hex: string): Buffer => Buffer.from(hex, 'hex');
const text = (field: string): string => /^.*[^\0 ]/s.exec(field)?.[0] ?? '';
const version = ({ major, minor }: { major: number; minor: number }): string => `${String(major)}.${String(minor)}`;

export class Module {
  #pkcs11: PKCS11 | undefined;
  #facts: ModuleFacts | undefined;
  #session: Handle | undefined;
  #loggedIn = false;

  async load(agreed: ModuleFacts, parameters: string | undefined): Promise<WireModule> {
    let js: typeof import('pkcs11js');
    try {
      mustBeInstalled('pkcs11js');
      js = await import('pkcs11js');
    } catch (error) {
      throw new Failure({ kind: 'no-pkcs11js', what: messageOf(error).split('\n')[0] ?? '' });
    }
    const module = new js.PKCS11();
    if (!isUnchanged(agreed)) throw new Failure({ kind: 'exchanged' });
    try {
      module.load(agreed.real);
    } catch (error) {
      // Any other call on this object ends the process.
      throw new Failure({ kind: 'not-loaded', what: messageOf(error) });
    }
    module.C_Initialize(parameters === undefined ? undefined : { libraryParameters: parameters, flags: OS_LOCKING });
    this.#pkcs11 = module;
    this.#facts = agreed;
    const info = module.C_GetInfo();
    return {
      manufacturer: text(info.manufacturerID),
      description: text(info.libraryDescription),
      version: version(info.libraryVersion),
    };
  }

  slots(): WireSlot[] {
    const module = this.#loaded();
    return module.C_GetSlotList(false).map((slot) => {
      const { slotDescription, manufacturerID } = module.C_GetSlotInfo(slot);
      const token = this.#token(slot);
      return {
        slot: slot.toString('hex'),
        description: text(slotDescription),
        manufacturer: text(manufacturerID),
        ...(token === undefined ? {} : { token }),
      };
    });
  }

  #token(slot: Handle): WireToken | undefined {
    try {
      const token = this.#loaded().C_GetTokenInfo(slot);
      return {
        label: text(token.label),
        manufacturer: text(token.manufacturerID),
        model: text(token.model),
        serial: text(token.serialNumber),
        firmware: version(token.firmwareVersion),
        hardware: version(token.hardwareVersion),
        flags: token.flags,
      };
    } catch (error) {
      if (failureOf(error).kind === 'rv') return undefined;
      throw error;
    }
  }

  mechanisms(slot: string): WireMechanism[] {
    const module = this.#loaded();
    const handle = unhex(slot);
    return module.C_GetMechanismList(handle).map((type) => {
      const { minKeySize, maxKeySize, flags } = module.C_GetMechanismInfo(handle, type);
      return { type, min: minKeySize, max: maxKeySize, flags };
    });
  }

  open(slot: string): null {
    this.#session = this.#loaded().C_OpenSession(unhex(slot), SERIAL_AND_WRITABLE);
    return null;
  }

  async login(by: 'user' | 'so' | 'device', pin: Uint8Array): Promise<null> {
    const module = this.#loaded();
    const session = this.#opened();
    if (by === 'device') await atDevice(this.#facts, session);
    else module.C_Login(session, by === 'so' ? SO : USER, pinText(pin));
    this.#loggedIn = true;
    return null;
  }

  find(template: readonly WireAttribute[]): string[] {
    const module = this.#loaded();
    const session = this.#opened();
    module.C_FindObjectsInit(session, attributes(template));
    try {
      const found: string[] = [];
      for (;;) {
        const [...some] = module.C_FindObjects(session, 64);
        if (some.length === 0) return found;
        found.push(...some.map((handle) => handle.toString('hex')));
      }
    } finally {
      module.C_FindObjectsFinal(session);
    }
  }

  read(object: string, types: readonly number[]): (string | null)[] {
    const module = this.#loaded();
    const session = this.#opened();
    return types.map((type) => {
      try {
        const [attribute] = module.C_GetAttributeValue(session, unhex(object), [{ type }]);
        const value: unknown = attribute?.value;
        return Buffer.isBuffer(value) ? value.toString('hex') : null;
      } catch (error) {
        const failure = failureOf(error);
        // CKR_ATTRIBUTE_SENSITIVE, CKR_ATTRIBUTE_TYPE_INVALID: the token does not disclose the value, or does not know
        // the attribute.
        if (failure.kind === 'rv' && (failure.rv === 0x11 || failure.rv === 0x12)) return null;
        throw error;
      }
    });
  }

  generate(request: Extract<Request, { op: 'generate' }>): { publicKey: string; privateKey: string } {
    const { publicKey, privateKey } = this.#loaded().C_GenerateKeyPair(
      this.#opened(),
      { mechanism: request.mechanism },
      attributes(request.publicTemplate),
      attributes(request.privateTemplate),
    );
    return { publicKey: publicKey.toString('hex'), privateKey: privateKey.toString('hex') };
  }

  destroy(object: string): null {
    this.#loaded().C_DestroyObject(this.#opened(), unhex(object));
    return null;
  }

  set(object: string, template: readonly WireAttribute[]): null {
    this.#loaded().C_SetAttributeValue(this.#opened(), unhex(object), attributes(template));
    return null;
  }

  sign({ object, mechanism, parameter }: Extract<Request, { op: 'sign' }>, data: Uint8Array): Uint8Array {
    const module = this.#loaded();
    const session = this.#opened();
    const used = { mechanism, ...(parameter === undefined ? {} : { parameter: unhex(parameter) }) };
    module.C_SignInit(session, used, unhex(object));
    return module.C_Sign(session, Buffer.from(data.buffer, data.byteOffset, data.length), Buffer.alloc(MAX_SIGNATURE));
  }

  initToken(slot: string, label: string, pin: Uint8Array): null {
    this.#loaded().C_InitToken(unhex(slot), pinText(pin), label);
    return null;
  }

  initPin(pin: Uint8Array): null {
    this.#loaded().C_InitPIN(this.#opened(), pinText(pin));
    return null;
  }

  /** Runs whatever happened before; each step is tried even if the one before failed. */
  close(): void {
    const module = this.#pkcs11;
    const session = this.#session;
    this.#pkcs11 = undefined;
    if (module === undefined) return;
    const steps = [
      () => session !== undefined && this.#loggedIn && module.C_Logout(session),
      () => session !== undefined && module.C_CloseSession(session),
      () => module.C_Finalize(),
    ];
    for (const step of steps) {
      try {
        step();
      } catch {
        // The token is gone, or was never reached.
      }
    }
  }

  #loaded(): PKCS11 {
    if (this.#pkcs11 === undefined) throw new Failure({ kind: 'other', what: 'no module is loaded' });
    return this.#pkcs11;
  }

  #opened(): Handle {
    if (this.#session === undefined) throw new Failure({ kind: 'other', what: 'no session is open' });
    return this.#session;
  }
}

/** Returns a PIN as text, since pkcs11js takes nothing else. This process ends soon, and its memory with it. */
function pinText(pin: Uint8Array): string {
  const pinAsText = fromUtf8(pin);
  if (pinAsText === undefined) throw new Failure({ kind: 'other', what: 'the PIN is not UTF-8' });
  return pinAsText;
}

async function atDevice(facts: ModuleFacts | undefined, session: Handle): Promise<void> {
  if (facts === undefined) throw new Failure({ kind: 'other', what: 'no module is loaded' });
  if (!isUnchanged(facts)) throw new Failure({ kind: 'exchanged' });
  const result = await loginAtDevice(facts.real, session, USER);
  if (typeof result === 'string') throw new Failure({ kind: 'no-koffi', what: result });
  if (result !== 0) throw new Failure({ kind: 'rv', rv: result, name: `0x${result.toString(16)}` });
}

function attributes(template: readonly WireAttribute[]): Attribute[] {
  return template.map(([type, value]) => ({ type, value: unhex(value) }));
}
