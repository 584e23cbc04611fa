/** Requests to the process that holds a PKCS#11 module, and its answers. Handles and values are hex. */
import type { ModuleFacts } from './module-trust.js';

/** Type and value (hex; a boolean is `00` or `01`). */
export type WireAttribute = readonly [type: number, value: string];

export type Request =
  | { readonly op: 'load'; readonly module: ModuleFacts; readonly parameters?: string }
  | { readonly op: 'slots' }
  | { readonly op: 'mechanisms'; readonly slot: string }
  | { readonly op: 'open'; readonly slot: string }
  /** The body is the PIN. With `device` there is none, and the person acts at the token itself. */
  | { readonly op: 'login'; readonly by: 'user' | 'so' | 'device' }
  | { readonly op: 'find'; readonly template: readonly WireAttribute[] }
  /** Read one by one, so that an attribute which the token does not know is null and the others are still read. */
  | { readonly op: 'read'; readonly object: string; readonly types: readonly number[] }
  | {
      readonly op: 'generate';
      readonly mechanism: number;
      readonly publicTemplate: readonly WireAttribute[];
      readonly privateTemplate: readonly WireAttribute[];
    }
  | { readonly op: 'destroy'; readonly object: string }
  | { readonly op: 'set'; readonly object: string; readonly template: readonly WireAttribute[] }
  /** The body is what is to be signed, and the answer's body is the signature. */
  | { readonly op: 'sign'; readonly object: string; readonly mechanism: number; readonly parameter?: string }
  /** The body is the PIN of the new security officer. The label has 32 bytes with its padding. */
  | { readonly op: 'init-token'; readonly slot: string; readonly label: string }
  /** The body is the PIN of the new user, which the logged-in security officer sets. */
  | { readonly op: 'init-pin' }
  /** Logs out, closes the session, and ends the process. */
  | { readonly op: 'close' };

export interface WireModule {
  readonly manufacturer: string;
  readonly description: string;
  readonly version: string;
}

export interface WireToken {
  readonly label: string;
  readonly manufacturer: string;
  readonly model: string;
  readonly serial: string;
  readonly firmware: string;
  readonly hardware: string;
  readonly flags: number;
}

export interface WireSlot {
  readonly slot: string;
  readonly description: string;
  readonly manufacturer: string;
  /** Undefined if the slot is empty, or its token cannot be read. */
  readonly token?: WireToken;
}

export interface WireMechanism {
  readonly type: number;
  /** Bits, as the token counts them. */
  readonly min: number;
  readonly max: number;
  readonly flags: number;
}

/** The answer's `value` for each request. */
export interface Answers {
  readonly load: WireModule;
  readonly slots: readonly WireSlot[];
  readonly mechanisms: readonly WireMechanism[];
  readonly open: null;
  readonly login: null;
  readonly find: readonly string[];
  readonly read: readonly (string | null)[];
  readonly generate: { readonly publicKey: string; readonly privateKey: string };
  readonly destroy: null;
  readonly set: null;
  readonly sign: null;
  readonly 'init-token': null;
  readonly 'init-pin': null;
  readonly close: null;
}

/** Why a request failed: the module's own code, or something that happened before any module was asked. */
export type WireFailure =
  | { readonly kind: 'rv'; readonly rv: number; readonly name: string }
  /** pkcs11js could not be loaded; `what` says why. */
  | { readonly kind: 'no-pkcs11js'; readonly what: string }
  | { readonly kind: 'no-koffi'; readonly what: string }
  | { readonly kind: 'not-loaded'; readonly what: string }
  /** The file is not the one that was agreed on. */
  | { readonly kind: 'exchanged' }
  | { readonly kind: 'other'; readonly what: string };

export type Answer =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly failure: WireFailure };
