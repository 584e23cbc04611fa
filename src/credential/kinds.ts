import { type AsCredential, decodeAsCredential } from './as-credential.js';
import {
  type ClientCredential,
  type ClientCredentialRequest,
  decodeClientCredential,
  decodeClientCredentialRequest,
} from './client-credential.js';
import {
  decodeIntermediateAsCredential,
  decodeIntermediateAsCredentialRequest,
  type IntermediateAsCredential,
  type IntermediateAsCredentialRequest,
} from './intermediate-as-credential.js';
import { decodeLeafCredential, type LeafCredential } from './leaf-credential.js';
import type { StructName } from './self-signed.js';

export type AnyCredential = AsCredential | IntermediateAsCredential | ClientCredential | LeafCredential;
export type AnyRequest = IntermediateAsCredentialRequest | ClientCredentialRequest;
export type CredentialKind = AnyCredential['kind'];
export type CredentialWithSigner = Exclude<AnyCredential, { kind: 'as_credential' }>;
export type Kind = (AnyCredential | AnyRequest)['kind'];

/** The kinds of `CredentialWithSigner`, and of `AnyCredential`. */
export const SIGNED_KINDS = ['intermediate_as_credential', 'client_credential', 'leaf_credential'] as const;
export const CREDENTIAL_KINDS = ['as_credential', ...SIGNED_KINDS] as const;

export interface KindInfo {
  readonly structName: StructName;
  readonly pemLabel: string;
  /** The name for people, such as "an intermediate AS credential". */
  readonly title: string;
  /** The kind that may sign this one; undefined for an AS credential. */
  readonly signerKind?: CredentialKind;
  readonly decode: (bytes: Uint8Array) => AnyCredential | AnyRequest;
}

export const KINDS: Readonly<Record<Kind, KindInfo>> = {
  as_credential: {
    structName: 'AsCredential',
    pemLabel: 'AS CREDENTIAL',
    title: 'AS root credential',
    decode: decodeAsCredential,
  },
  intermediate_as_credential: {
    structName: 'IntermediateAsCredential',
    pemLabel: 'INTERMEDIATE AS CREDENTIAL',
    title: 'intermediate AS credential',
    signerKind: 'as_credential',
    decode: decodeIntermediateAsCredential,
  },
  intermediate_as_credential_request: {
    structName: 'IntermediateAsCredential',
    pemLabel: 'INTERMEDIATE AS CREDENTIAL REQUEST',
    title: 'request for an intermediate AS credential',
    signerKind: 'as_credential',
    decode: decodeIntermediateAsCredentialRequest,
  },
  client_credential: {
    structName: 'ClientCredential',
    pemLabel: 'CLIENT CREDENTIAL',
    title: 'client credential',
    signerKind: 'intermediate_as_credential',
    decode: decodeClientCredential,
  },
  client_credential_request: {
    structName: 'ClientCredential',
    pemLabel: 'CLIENT CREDENTIAL REQUEST',
    title: 'request for a client credential',
    signerKind: 'intermediate_as_credential',
    decode: decodeClientCredentialRequest,
  },
  leaf_credential: {
    structName: 'LeafCredential',
    pemLabel: 'LEAF CREDENTIAL',
    title: 'leaf credential',
    signerKind: 'client_credential',
    decode: decodeLeafCredential,
  },
};

export function isKind(text: string): text is Kind {
  return Object.hasOwn(KINDS, text);
}

/** Returns the kind that a PEM label names, or undefined. */
export function kindOfLabel(label: string): Kind | undefined {
  return (Object.keys(KINDS) as Kind[]).find((kind) => KINDS[kind].pemLabel === label);
}
