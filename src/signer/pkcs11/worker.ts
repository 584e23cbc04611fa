/**
 * The process that holds one PKCS#11 module: vendors' modules crash and hang, and this is all that goes down with them.
 * It does what it is asked through descriptor 3 and decides nothing. The only importer of pkcs11js.
 */
import { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import type { Attribute, Handle, PKCS11 } from 'pkcs11js';
import { fromUtf8, wipe } from '../../common/bytes.js';
import { messageOf } from '../../common/errors.js';
import { encodeFrame, FrameReader, type Frame } from './frames.js';
import { loginAtDevice } from './null-pin.js';
import type {
  Answer,
  Request,
  WireAttribute,
  WireFailure,
  WireMechanism,
  WireModule,
  WireSlot,
  WireToken,
} from './protocol.js';

const CHANNEL = 3;
const SO = 0;
const USER = 1;
const SERIAL_AND_WRITABLE = 0x04 | 0x02;
const OS_LOCKING = 0x02;
/** Room for any signature: RSA with 16,384 bits would fit. */
const MAX_SIGNATURE = 2048;
/** How long a module may take to end after this program's end, before the process is killed. */
const GRACE_SECONDS = 5;

class Failure extends Error {
  constructor(readonly failure: WireFailure) {
    super(failure.kind);
  }
}

const unhex = (hex: string): Buffer => Buffer.from(hex, 'hex');
const text = (field: string): string => field.replace(/[\0 ]+$/, '');
const version = ({ major, minor }: { major: number; minor: number }): string => `${String(major)}.${String(minor)}`;

class Module {
  #pkcs11: PKCS11 | undefined;
  #path = '';
  #session: Handle | undefined;
  #loggedIn = false;

  async load(path: string, parameters: string | undefined): Promise<WireModule> {
    let js: typeof import('pkcs11js');
    try {
      js = await import('pkcs11js');
    } catch (error) {
      throw new Failure({ kind: 'no-pkcs11js', what: messageOf(error).split('\n')[0] ?? '' });
    }
    const module = new js.PKCS11();
    try {
      module.load(path);
    } catch (error) {
      // Whatever else is called on this object ends the process.
      throw new Failure({ kind: 'not-loaded', what: messageOf(error) });
    }
    module.C_Initialize(parameters === undefined ? undefined : { libraryParameters: parameters, flags: OS_LOCKING });
    this.#pkcs11 = module;
    this.#path = path;
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
    if (by === 'device') await atDevice(this.#path, session);
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
        // CKR_ATTRIBUTE_SENSITIVE, CKR_ATTRIBUTE_TYPE_INVALID: the token won't say, or doesn't know.
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

  /** In every ending; each step is tried, whatever became of the one before. */
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

/** pkcs11js takes a PIN as text only; this process ends soon, and its memory with it. */
function pinText(pin: Uint8Array): string {
  const pinAsText = fromUtf8(pin);
  if (pinAsText === undefined) throw new Failure({ kind: 'other', what: 'the PIN is not UTF-8' });
  return pinAsText;
}

async function atDevice(path: string, session: Handle): Promise<void> {
  const result = await loginAtDevice(path, session, USER);
  if (typeof result === 'string') throw new Failure({ kind: 'no-koffi', what: result });
  if (result !== 0) throw new Failure({ kind: 'rv', rv: result, name: `0x${result.toString(16)}` });
}

function attributes(template: readonly WireAttribute[]): Attribute[] {
  return template.map(([type, value]) => ({ type, value: unhex(value) }));
}

function failureOf(error: unknown): WireFailure {
  if (error instanceof Failure) return error.failure;
  const message = messageOf(error);
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (typeof code === 'number' && code !== 0) return { kind: 'rv', rv: code, name: message };
  // Errors of some calls carry the code in their message only.
  const match = /(CKR_\w+):(\d+)/.exec(message);
  if (match !== null) return { kind: 'rv', rv: Number(match[2]), name: match[1] ?? '' };
  return { kind: 'other', what: message };
}

interface Done {
  readonly value: unknown;
  readonly body?: Uint8Array;
}

async function carryOut(module: Module, request: Request, body: Uint8Array): Promise<Done> {
  switch (request.op) {
    case 'load':
      return { value: await module.load(request.path, request.parameters) };
    case 'slots':
      return { value: module.slots() };
    case 'mechanisms':
      return { value: module.mechanisms(request.slot) };
    case 'open':
      return { value: module.open(request.slot) };
    case 'login':
      return { value: await module.login(request.by, body) };
    case 'find':
      return { value: module.find(request.template) };
    case 'read':
      return { value: module.read(request.object, request.types) };
    case 'generate':
      return { value: module.generate(request) };
    case 'destroy':
      return { value: module.destroy(request.object) };
    case 'set':
      return { value: module.set(request.object, request.template) };
    case 'sign':
      return { value: null, body: module.sign(request, body) };
    case 'init-token':
      return { value: module.initToken(request.slot, request.label, body) };
    case 'init-pin':
      return { value: module.initPin(body) };
    case 'close':
      module.close();
      return { value: null };
  }
}

async function answer(module: Module, { header, body }: Frame): Promise<Uint8Array> {
  let reply: Answer;
  let replyBody: Uint8Array | undefined;
  try {
    const done = await carryOut(module, header as Request, body);
    reply = { ok: true, value: done.value ?? null };
    replyBody = done.body;
  } catch (error) {
    reply = { ok: false, failure: failureOf(error) };
  } finally {
    wipe(body);
  }
  return encodeFrame(reply, replyBody);
}

/** A second thread ends this process where the program that started it is gone and a call into the module doesn't return. */
function watchParent(): void {
  const watch = `let gone = 0; const parent = process.ppid;
    setInterval(() => { if (process.ppid !== parent && ++gone > ${String(GRACE_SECONDS)}) process.kill(process.pid, 'SIGKILL'); }, 1000);`;
  new Worker(watch, { eval: true }).unref();
}

/** Serves descriptor 3 until it ends. */
export function serveModule(): void {
  // Ctrl-C goes to every process of the terminal; this one ends, logged out, when its channel does.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  const module = new Module();
  const reader = new FrameReader();
  const socket = new Socket({ fd: CHANNEL, readable: true, writable: true });
  let queue = Promise.resolve();
  const end = (): void => {
    module.close();
    process.exit();
  };
  socket.on('data', (chunk: Buffer) => {
    const frames = reader.push(chunk);
    chunk.fill(0);
    for (const frame of frames) {
      queue = queue.then(async () => {
        socket.write(await answer(module, frame));
      });
    }
  });
  socket.on('end', () => void queue.then(end, end));
  socket.on('error', end);
  watchParent();
}
