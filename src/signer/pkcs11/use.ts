/**
 * What an auditor wants to know about each use of a key in an HSM. It is written into transcripts and key records as
 * JSON, unchanged.
 */
import type { KeyAttributes, KeyBackup, KeyOrigin } from './attributes.js';
import type { AgreedModule, ModuleAgreement } from './module-trust.js';

export type { KeyBackup, KeyOrigin } from './attributes.js';

/** The library that was loaded, and why that was permitted. */
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
  /** In hex. */
  readonly id: string;
  /** The mechanism that signs: `CKM_ECDSA` or `CKM_EDDSA`. */
  readonly mechanism: string;
  readonly public_key_sha256: string;
  readonly origin: KeyOrigin;
  readonly backup: KeyBackup;
  readonly attributes: KeyAttributes;
  /** Properties of the key that the token could not prove. */
  readonly unproven: readonly string[];
}

/** Shown wherever a key is named that can leave its token. */
export const UNDER_WRAP = 'extractable under wrap';

export function moduleUse({ real, sha256, agreed }: AgreedModule): ModuleUse {
  return { module: real, module_sha256: sha256, module_agreed: agreed };
}
