/** A session with one token: login, objects, signatures. */
import { formatPkcs11Uri, type Pkcs11KeyUri } from '../../codec/pkcs11-uri.js';
import { compareBytes, fromHex, utf8, wipe } from '../../common/bytes.js';
import { CeremonyError, couldNot, refused, retold } from '../../common/errors.js';
import type { SchemeInfo } from '../../crypto/ciphersuite.js';
import { type KeyAttributes, keyAttributes, numberOf, PRIVATE_KEY, PUBLIC_KEY, READ_BACK } from './attributes.js';
import { CKA, CKF, CKR } from './constants.js';
import { publicKeyOfPoint, schemeOfKey } from './key-types.js';
import type { HsmMeans, ModuleProcess } from './module-process.js';
import { failureError, isRv } from './pkcs11-errors.js';
import type { WireAttribute } from './protocol.js';
import { type FoundToken, locateToken, pinWarnings, tokenName } from './token.js';

/** Whose PIN is needed, and what the person must know before entering it. */
export interface PinRequest {
  readonly uri: string;
  readonly name: string;
  /** The file that holds the PIN, if the URI names one. */
  readonly pinFile?: string;
  readonly token: {
    readonly label: string;
    readonly serial: string;
    readonly manufacturer: string;
    readonly model: string;
  };
  readonly warnings: readonly string[];
  readonly whose: 'user' | 'so' | 'new-user' | 'new-so';
}

/** Where PINs come from. The caller wipes what it receives. */
export interface PinSource {
  pin(request: PinRequest): Promise<Uint8Array>;
  /** Tells the person to do something now. */
  announce(text: string): void;
}

/** Time for a person with a PIN pad, or several with their smart cards. */
const AT_DEVICE_SECONDS = 600;

/** A private key in the token. */
export interface KeyObject {
  readonly handle: string;
  readonly label: string;
  /** CKA_ID; empty if it has none. */
  readonly id: Uint8Array;
  /** Undefined for a key of another kind. */
  readonly scheme: SchemeInfo | undefined;
  /** From the public key object beside it, or from the private key itself; undefined if neither has it. Unverified. */
  readonly publicKey: Uint8Array | undefined;
  readonly attributes: KeyAttributes;
}

type KeyNames = Pick<Pkcs11KeyUri, 'object' | 'id'>;

function named(objectClass: WireAttribute, { object, id }: KeyNames): WireAttribute[] {
  const template: WireAttribute[] = [objectClass];
  if (object !== undefined) template.push([CKA.label, hexOf(utf8(object))]);
  if (id !== undefined) template.push([CKA.id, hexOf(id)]);
  return template;
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

export class HsmSession {
  constructor(
    readonly process: ModuleProcess,
    readonly found: FoundToken,
  ) {}

  /**
   * Opens a session with the only matching token; nobody is logged in yet. Errors: those of `locateToken`,
   * `token-not-initialized`.
   */
  static async open(uri: Pkcs11KeyUri, means: HsmMeans): Promise<HsmSession> {
    const { process, found } = await locateToken(uri, means);
    const session = new HsmSession(process, found);
    try {
      if ((found.token.flags & CKF.tokenInitialized) === 0) {
        throw couldNot('token-not-initialized', `the token ${tokenName(found.token)} is not initialised`, {
          hint: 'Initialise it.',
          remedies: [{ command: 'hsm init-token', options: { label: 'LABEL' } }],
        });
      }
      await process.ask({ op: 'open', slot: found.slot.slot }, `opening ${session.name}`);
      return session;
    } catch (error) {
      await process.close();
      throw error;
    }
  }

  get name(): string {
    return `the token ${tokenName(this.found.token)}`;
  }

  /** The token's URI, as commands use it. */
  get uri(): string {
    const { module, token } = this.found;
    return formatPkcs11Uri({ token: token.label, serial: token.serial, modulePath: module.path });
  }

  /**
   * Logs in once, with one PIN; nothing is tried twice. Errors: `wrong-pin`, `pin-locked`, `hsm-canceled`, and others
   * of the token.
   */
  async login(uri: Pkcs11KeyUri, source: PinSource): Promise<void> {
    const { token } = this.found;
    if ((token.flags & CKF.loginRequired) === 0) return;
    const warnings = pinWarnings(token);
    const doing = `the login to ${this.name}`;
    if ((token.flags & CKF.protectedAuthenticationPath) !== 0) {
      for (const warning of warnings) source.announce(`warning: ${warning}`);
      source.announce(
        `Now act at ${this.name} itself: type its PIN on its keypad, or present the cards that it asks for.`,
      );
      const seconds = Math.max(AT_DEVICE_SECONDS, this.process.means.timeoutSeconds);
      const tried = await this.process.try({ op: 'login', by: 'device' }, doing, undefined, seconds);
      if (!tried.ok && !isRv(tried.failure, CKR.userAlreadyLoggedIn)) {
        throw failureError(tried.failure, doing, this.process.path);
      }
      return;
    }
    const { label, serial, manufacturer, model } = token;
    const pin = await source.pin({
      uri: uri.uri,
      name: uri.name,
      ...(uri.pinFile === undefined ? {} : { pinFile: uri.pinFile }),
      token: { label, serial, manufacturer, model },
      warnings,
      whose: 'user',
    });
    try {
      const tried = await this.process.try({ op: 'login', by: 'user' }, doing, pin);
      if (tried.ok || isRv(tried.failure, CKR.userAlreadyLoggedIn)) return;
      const error = failureError(tried.failure, doing, this.process.path);
      throw error.code === 'wrong-pin' ? await this.#afterWrongPin(error) : error;
    } finally {
      wipe(pin);
    }
  }

  /** Returns the error, with the number of tries left if the token reports it. */
  async #afterWrongPin(error: CeremonyError): Promise<CeremonyError> {
    const listed = await this.process.try({ op: 'slots' }, 'reading the state of the PIN');
    if (!listed.ok) return error;
    const now = listed.value.find(({ slot }) => slot === this.found.slot.slot)?.token;
    if (now === undefined) return error;
    let state: string;
    try {
      state = pinWarnings(now).join(' ');
    } catch {
      state = 'The PIN is locked now.';
    }
    return retold(error, error.message, {
      hint: `${state} ${error.hint ?? ''}`.trim(),
      remedies: error.remedies,
    });
  }

  async find(template: readonly WireAttribute[]): Promise<readonly string[]> {
    return (await this.process.ask({ op: 'find', template }, `looking for keys in ${this.name}`)).value;
  }

  async read(object: string, types: readonly number[]): Promise<readonly (string | null)[]> {
    return (await this.process.ask({ op: 'read', object, types }, `reading a key's attributes in ${this.name}`)).value;
  }

  async destroy(object: string): Promise<void> {
    await this.process.ask({ op: 'destroy', object }, `destroying a key in ${this.name}`);
  }

  /** Returns the private keys with this label and ID, each if given, in rising order of label and ID. */
  async privateKeys(name: KeyNames): Promise<KeyObject[]> {
    const keys: KeyObject[] = [];
    for (const handle of await this.find(named(PRIVATE_KEY, name))) keys.push(await this.#keyObject(handle));
    return keys.sort((a, b) => compareBytes(utf8(a.label), utf8(b.label)) || compareBytes(a.id, b.id));
  }

  /** Returns the handles of public keys with this label and ID, each if given. */
  publicKeys(name: KeyNames): Promise<readonly string[]> {
    return this.find(named(PUBLIC_KEY, name));
  }

  async #keyObject(handle: string): Promise<KeyObject> {
    const types = [CKA.label, CKA.id, CKA.keyType, CKA.ecParams, CKA.ecPoint];
    const values = await this.read(handle, [...types, ...READ_BACK]);
    const [label = null, idHex = null, keyType = null, parameters = null, point = null] = values;
    const id = fromHex(idHex ?? '') ?? new Uint8Array();
    const scheme = schemeOfKey(numberOf(keyType), parameters);
    const own = scheme === undefined ? undefined : publicKeyOfPoint(scheme, fromHex(point ?? '') ?? new Uint8Array());
    return {
      handle,
      label: new TextDecoder().decode(fromHex(label ?? '') ?? new Uint8Array()),
      id,
      scheme,
      publicKey: scheme === undefined ? undefined : ((await this.publicKeyBeside(scheme, label ?? '', id)) ?? own),
      attributes: keyAttributes(values.slice(types.length)),
    };
  }

  /**
   * Returns the public key object with this ID (or with this label, if there is no ID), if exactly one is of the
   * scheme.
   */
  async publicKeyBeside(scheme: SchemeInfo, labelHex: string, id: Uint8Array): Promise<Uint8Array | undefined> {
    const by: WireAttribute = id.length > 0 ? [CKA.id, hexOf(id)] : [CKA.label, labelHex];
    const [handle, another] = await this.find([PUBLIC_KEY, by]);
    if (handle === undefined || another !== undefined) return undefined;
    return this.publicKeyOf(scheme, handle);
  }

  async publicKeyOf(scheme: SchemeInfo, handle: string): Promise<Uint8Array | undefined> {
    const [point = null] = await this.read(handle, [CKA.ecPoint]);
    return publicKeyOfPoint(scheme, fromHex(point ?? '') ?? new Uint8Array());
  }

  /**
   * Returns the one private key that the URI names. Errors: `hsm-key-not-found` (with what is there),
   * `ambiguous-key-uri`.
   */
  async theKey(uri: Pkcs11KeyUri): Promise<KeyObject> {
    const keys = await this.privateKeys(uri);
    const [only, second] = keys;
    if (only === undefined) {
      const there = (await this.privateKeys({})).map(describe).join('; ');
      throw couldNot('hsm-key-not-found', `${this.name} has no private key that fits ${uri.uri}`, {
        hint: `These are there: ${there || 'none'}.`,
      });
    }
    if (second !== undefined) {
      throw refused('ambiguous-key-uri', `${String(keys.length)} private keys in ${this.name} fit ${uri.uri}`, {
        hint: `Say which, with object=… and id=…: ${keys.map(describe).join('; ')}. Where the URI is on record, which never changes, give the other key another name, or destroy it, with the vendor's tool.`,
      });
    }
    return only;
  }

  close(): Promise<void> {
    return this.process.close();
  }
}

/** Returns a description for people: label, ID and kind. */
export function describe({ label, id, scheme }: Pick<KeyObject, 'label' | 'id' | 'scheme'>): string {
  return `${JSON.stringify(label)} (id ${id.length === 0 ? 'none' : hexOf(id)}, ${scheme?.name ?? 'another kind of key'})`;
}
