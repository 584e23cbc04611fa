/**
 * Decides which PKCS#11 module may be loaded: one that only root could have put there, or one that a person has named
 * or agreed to.
 */
import { createHash } from 'node:crypto';
import { type CeremonyError, couldNot, refused } from '../../common/errors.js';
import { exists, readInPieces, realPath } from '../../common/files.js';
import { type FileOrigin, originOf } from './root-only.js';

/** A module file as it is now. */
export interface ModuleFacts extends FileOrigin {
  /** In hex. */
  readonly sha256: string;
}

/**
 * Why a module may be loaded: because of its location alone, because the command line names it, or because a person
 * agreed in typed words.
 */
export type ModuleAgreement = 'root-only' | 'named' | 'typed';

export interface AgreedModule extends ModuleFacts {
  readonly agreed: ModuleAgreement;
}

/** Which modules the person who started the command trusts. */
export interface ModuleTrust {
  /** Paths that the command line names. */
  readonly named: readonly string[];
  /** The authority's folder. Everything in it is data, whoever owns it. */
  readonly dataFolder?: string;
  /** Asks a person to agree in typed words; undefined if there is nobody to ask. Error: `declined`. */
  readonly ask?: (module: ModuleFacts) => Promise<void>;
}

/**
 * Returns the facts about a module file, and loads nothing. Errors: `hsm-module` if there is no file, and those of
 * `originOf`.
 */
export function lookAtModule(path: string, dataFolder?: string): ModuleFacts {
  if (!exists(path)) throw noModule(path);
  const origin = originOf(path);
  const inData = dataFolder !== undefined && origin.real.startsWith(`${realPath(dataFolder)}/`);
  const others = inData
    ? [`${origin.real} is in the authority, where everything is data`, ...origin.others]
    : origin.others;
  const hasher = createHash('sha256');
  readInPieces(origin.real, (piece) => hasher.update(piece));
  return { ...origin, others, sha256: hasher.digest('hex') };
}

/**
 * Returns the module at a path if it may be loaded. Errors: `untrusted-module`, `declined`, and those of
 * `lookAtModule`.
 */
export async function agreeOnModule(path: string, trust: ModuleTrust): Promise<AgreedModule> {
  const module = lookAtModule(path, trust.dataFolder);
  if (module.others.length === 0) return { ...module, agreed: 'root-only' };
  if (trust.named.some((named) => realPath(named) === module.real)) return { ...module, agreed: 'named' };
  if (trust.ask === undefined) throw untrusted(module);
  await trust.ask(module);
  return { ...module, agreed: 'typed' };
}

/**
 * Returns whether the file that was agreed on still has the same content and the same owners. Call it right before
 * loading.
 */
export function isUnchanged(agreed: ModuleFacts): boolean {
  try {
    return isSame(agreed, lookAtModule(agreed.real));
  } catch {
    // It is gone, or can no longer be read.
    return false;
  }
}

function isSame(one: ModuleFacts, other: ModuleFacts): boolean {
  const alike = one.real === other.real && one.file === other.file && one.sha256 === other.sha256;
  return alike && (one.others.length > 0 || other.others.length === 0);
}

export function ownerOf({ owner }: FileOrigin): string {
  return owner === 0 ? 'root' : `user ${String(owner)}`;
}

export function noModule(path: string): CeremonyError {
  return couldNot('hsm-module', `the PKCS#11 module ${path} does not exist`, {
    hint: 'Check module-path, and list the modules of this machine.',
    remedies: [{ command: 'hsm list' }],
  });
}

function untrusted(module: ModuleFacts): CeremonyError {
  const { real, sha256, others } = module;
  const why = others.slice(0, 2).join('; ');
  return refused(
    'untrusted-module',
    `the PKCS#11 module ${real} was not loaded: users other than root could have put it there (${why}); it belongs to ${ownerOf(module)}, SHA-256 ${sha256}`,
    {
      hint: `Whatever is in it runs with your rights. Compare its SHA-256 with the vendor's; if it is what you mean, name it.`,
      remedies: [{ module: real }],
    },
  );
}
