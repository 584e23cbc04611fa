/** Vectors of our own, made in Python by test/vectors/generate-credentials.py. Bytes are hex, times Unix seconds. */
import { readFileSync } from 'node:fs';
import { type AnyCredential, type AnyRequest, type Kind, KINDS } from '../../src/credential/kinds.js';
import { type CredentialCiphersuite, hashByCode, schemeByCode } from '../../src/crypto/ciphersuite.js';
import { hex } from '../bundle/support.js';

export interface CiphersuiteVector {
  readonly hash: number;
  readonly signature_scheme: number;
}

/** One credential with all that it is made of; `private_key` is an EdDSA seed or an ECDSA scalar. */
export interface MadeVector {
  readonly as_domain?: string;
  readonly client_id?: { readonly as_domain: string; readonly user_name: string; readonly client_uuid: string };
  readonly not_before: number;
  readonly not_after: number;
  readonly ciphersuite: CiphersuiteVector;
  readonly private_key: string;
  readonly public_key: string;
  readonly signer_fingerprint?: string;
  readonly payload: string;
  readonly request?: string;
  readonly encoded: string;
  readonly fingerprint: string;
}

/** A whole chain under one name. */
export interface CredentialsVector {
  readonly name: string;
  readonly at: number;
  readonly as_credential: MadeVector;
  readonly intermediate_as_credential: MadeVector;
  readonly client_credential: MadeVector;
  readonly leaf_credential: MadeVector;
}

export interface ChainVector {
  readonly name: string;
  readonly expect: string;
  readonly at: number;
  readonly as_credentials: readonly string[];
  readonly intermediate_as_credentials: readonly string[];
  readonly client_credentials: readonly string[];
  readonly leaf_credential: string;
  readonly revoked: readonly string[];
  /**
   * Of our own only: the phase that decides; all roots are trusted and everything is published where these are not
   * given.
   */
  readonly phase?: number;
  readonly trusted?: readonly string[];
  readonly published?: readonly string[];
  readonly message?: { readonly label: string; readonly content: string; readonly signature: string };
}

/** `encoded`, or the text of a `file` that has it inside. */
export interface MalformedVector {
  readonly kind: Kind;
  readonly name: string;
  readonly expect: string;
  readonly encoded?: string;
  readonly file?: string;
}

export interface IdentityVector {
  readonly name: string;
  readonly as_domain: string;
  readonly user_name: string;
  readonly fingerprints: readonly string[];
  readonly identity_hash: string;
  readonly clients?: readonly string[];
}

interface OwnVectors {
  readonly credentials: readonly CredentialsVector[];
  readonly chains: readonly ChainVector[];
  readonly malformed: readonly MalformedVector[];
  readonly identity: readonly IdentityVector[];
}

export function ownVectors<Name extends keyof OwnVectors>(name: Name): OwnVectors[Name] {
  const file = new URL(`../vectors/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as OwnVectors[Name];
}

export const CREDENTIAL_KINDS = [
  'as_credential',
  'intermediate_as_credential',
  'client_credential',
  'leaf_credential',
] as const;

export function decodeKind<K extends Kind>(kind: K, encoded: string): Extract<AnyCredential | AnyRequest, { kind: K }> {
  return KINDS[kind].decode(hex(encoded)) as Extract<AnyCredential | AnyRequest, { kind: K }>;
}

export function ciphersuiteOf({ hash, signature_scheme }: CiphersuiteVector): CredentialCiphersuite {
  const [info, scheme] = [hashByCode(hash), schemeByCode(signature_scheme)];
  if (info === undefined || scheme === undefined) throw new TypeError('a ciphersuite that nobody knows');
  return { hash: info, scheme };
}

/** One chain of our own, decoded, from the root down. */
export function ownChain(name: string) {
  const found = ownVectors('credentials').find((one) => one.name === name);
  if (found === undefined) throw new TypeError(`no chain is named ${name}`);
  return {
    at: found.at,
    root: decodeKind('as_credential', found.as_credential.encoded),
    intermediate: decodeKind('intermediate_as_credential', found.intermediate_as_credential.encoded),
    client: decodeKind('client_credential', found.client_credential.encoded),
    leaf: decodeKind('leaf_credential', found.leaf_credential.encoded),
    privateKeys: {
      root: hex(found.as_credential.private_key),
      intermediate: hex(found.intermediate_as_credential.private_key),
      client: hex(found.client_credential.private_key),
      leaf: hex(found.leaf_credential.private_key),
    },
  };
}
