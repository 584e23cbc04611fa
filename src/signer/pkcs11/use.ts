/**
 * What an auditor wants to know of each use of a key in an HSM; it goes into transcripts and key records as it is, as
 * JSON.
 */
import type { KeyAttributes, KeyBackup, KeyOrigin } from './attributes.js';
import type { AgreedModule, ModuleAgreement } from './module-trust.js';

export type { KeyBackup, KeyOrigin } from './attributes.js';

/** The library that was loaded, and why it was. */
export interface ModuleUse {
  /** Its real path. */
  readonly module: string;
  readonly module_sha256: string;
  readonly module_agreed: ModuleAgreement;
}

export interface HsmUse extends ModuleUse {
  readonly library: string;
  readonly manufacturer: string;
  readonly model: string;
  readonly serial: string;
  readonly firmware: string;
  readonly token: string;
  readonly label: string;
  /** Hex. */
  readonly id: string;
  /** What signs: `CKM_ECDSA` or `CKM_EDDSA`. */
  readonly mechanism: string;
  readonly public_key_sha256: string;
  readonly origin: KeyOrigin;
  readonly backup: KeyBackup;
  readonly attributes: KeyAttributes;
  /** What the token couldn't prove of the key. */
  readonly unproven: readonly string[];
}

/** Said wherever a key is named that can leave its token. */
export const UNDER_WRAP = 'extractable under wrap';

export function moduleUse({ real, sha256, agreed }: AgreedModule): ModuleUse {
  return { module: real, module_sha256: sha256, module_agreed: agreed };
}
