/**
 * Whoever has stolen keys of intermediates, clients and roots, and the chains that can be made with them: as long as a
 * thief would like, dated back, for other users, with other keys. Beside each what the model has to know of it; whether
 * it is taken is the client's affair.
 */
import { toHex } from '../../src/common/bytes.js';
import {
  type ClientCredential,
  decodeClientCredential,
  encodeClientCredentialPayload,
} from '../../src/credential/client-credential.js';
import { fingerprintOf } from '../../src/credential/fingerprint-of.js';
import {
  decodeIntermediateAsCredential,
  encodeIntermediateAsCredentialPayload,
} from '../../src/credential/intermediate-as-credential.js';
import type { AnyCredential } from '../../src/credential/kinds.js';
import { decodeLeafCredential, encodeLeafCredentialPayload } from '../../src/credential/leaf-credential.js';
import {
  attachSignature,
  selfSignatureContent,
  signatureContent,
  type StructName,
} from '../../src/credential/self-signed.js';
import { derivePublicKey, generatePrivateKey, sign } from '../../src/crypto/private-key.js';
import { DOMAIN, stream } from '../operations/support.js';
import { suite } from '../policy/support.js';
import { DAY } from './facts.js';
import type { ChainLink } from './rules.js';

const SUITE = suite('ed25519-sha256');

type Write = (content: Uint8Array) => Promise<Uint8Array>;

/** A credential whose key was stolen, with what is above it; `links` end with the credential itself. */
export interface Loot<Credential extends AnyCredential = AnyCredential> {
  readonly credential: Credential;
  readonly links: readonly ChainLink[];
  readonly sign: Write;
}

export interface Stolen {
  readonly root: Loot | undefined;
  readonly intermediate: Loot | undefined;
  readonly client: Loot<ClientCredential> | undefined;
}

export const CHAIN_FORGERIES = [
  'client as long as its issuer',
  'client dated back',
  'client older than its issuer',
  'client that outlives its issuer',
  'client of another user',
  'client of another domain',
  "client with a victim's key",
  'client that another key signed',
  'leaf',
  'leaf that outlives its client',
  'leaf of a stolen client',
  'leaf that outlives a stolen client',
  'leaf below an intermediate',
  'intermediate below an intermediate',
  'intermediate anew with the stolen key',
  'own intermediate',
  'own intermediate that outlives its root',
  'client below a root',
] as const;
export type ChainForgery = (typeof CHAIN_FORGERIES)[number];

export interface ForgedChain {
  readonly what: ChainForgery;
  readonly subject: AnyCredential;
  /** What is above it and in no folder of the authority: the thief hands it over as well. */
  readonly above: readonly AnyCredential[];
  /** From the top down to the subject. */
  readonly links: readonly ChainLink[];
}

interface CredentialOptions {
  readonly from: number;
  readonly to: number;
  readonly asDomain?: string;
  readonly userName?: string;
  /** Another's key, of which nobody here has the private part. */
  readonly publicKey?: Uint8Array;
  /** Somebody else signs under the signer's name. */
  readonly impostor?: boolean;
  /** The key that is stolen already is used once more. */
  readonly keyOf?: Loot;
}

type Made = 'IntermediateAsCredential' | 'ClientCredential' | 'LeafCredential';
const LINK_KINDS = {
  IntermediateAsCredential: 'intermediate',
  ClientCredential: 'client',
  LeafCredential: 'leaf',
} as const;

export class ChainForger {
  readonly #secret = generatePrivateKey(SUITE.scheme, stream('forger of chains'));
  readonly #write: Write = (content) => Promise.resolve(sign(SUITE.scheme, this.#secret, content));

  /** Undefined where what it takes was not stolen. */
  async forge(what: ChainForgery, { root, intermediate, client }: Stolen): Promise<ForgedChain | undefined> {
    const chain = (...made: readonly (Loot | undefined)[]): ForgedChain | undefined => {
      const last = made.at(-1);
      if (last === undefined) return undefined;
      const above = made.slice(0, -1).flatMap((one) => (one === undefined ? [] : [one.credential]));
      return { what, subject: last.credential, above, links: last.links };
    };
    const whole = spanOf(intermediate);
    const clientOf = (wanted: Partial<CredentialOptions>) =>
      this.#make('ClientCredential', intermediate, { ...whole, ...wanted });
    const leafOf = (above: Loot | undefined, later = 0) =>
      this.#make('LeafCredential', above, { ...spanOf(above), to: spanOf(above).to + later });
    switch (what) {
      case 'client as long as its issuer':
        return chain(await clientOf({}));
      case 'client dated back':
        return chain(await clientOf({ to: whole.from + 90 * DAY - 1 }));
      case 'client older than its issuer':
        return chain(await clientOf({ from: whole.from - 1 }));
      case 'client that outlives its issuer':
        return chain(await clientOf({ to: whole.to + 1 }));
      case 'client of another user':
        return chain(await clientOf({ userName: 'mallory' }));
      case 'client of another domain':
        return chain(await clientOf({ asDomain: `other.${DOMAIN}` }));
      case "client with a victim's key": {
        const publicKey = client?.credential.payload.publicKey;
        return publicKey === undefined ? undefined : chain(await clientOf({ publicKey }));
      }
      case 'client that another key signed':
        return chain(await clientOf({ impostor: true }));
      case 'leaf':
      case 'leaf that outlives its client': {
        const above = await clientOf({});
        return chain(above, await leafOf(above, what === 'leaf' ? 0 : 1));
      }
      case 'leaf of a stolen client':
        return chain(client, await leafOf(client));
      case 'leaf that outlives a stolen client':
        return chain(client, await leafOf(client, 1));
      case 'leaf below an intermediate':
        return chain(await leafOf(intermediate));
      case 'intermediate below an intermediate': {
        const above = await this.#make('IntermediateAsCredential', intermediate, whole);
        return chain(above, await this.#make('ClientCredential', above, whole));
      }
      case 'intermediate anew with the stolen key': {
        if (intermediate === undefined) return undefined;
        const above = await this.#make('IntermediateAsCredential', root, { ...spanOf(root), keyOf: intermediate });
        return chain(above, await this.#make('ClientCredential', above, spanOf(root)));
      }
      case 'own intermediate':
      case 'own intermediate that outlives its root': {
        const later = what === 'own intermediate' ? 0 : 1;
        const span = { from: spanOf(root).from, to: spanOf(root).to + later };
        const above = await this.#make('IntermediateAsCredential', root, span);
        return chain(above, await this.#make('ClientCredential', above, span));
      }
      case 'client below a root':
        return chain(await this.#make('ClientCredential', root, spanOf(root)));
    }
  }

  async #make(struct: Made, signer: Loot | undefined, wanted: CredentialOptions): Promise<Loot | undefined> {
    if (signer === undefined) return undefined;
    const { from, to, asDomain = DOMAIN, userName = 'alice', publicKey, keyOf, impostor = false } = wanted;
    const write = keyOf?.sign ?? this.#write;
    const common = {
      expirationData: { notBefore: from, notAfter: to },
      ciphersuite: SUITE,
      publicKey: publicKey ?? keyOf?.credential.payload.publicKey ?? derivePublicKey(SUITE.scheme, this.#secret),
      signerFingerprint: fingerprintOf(signer.credential),
    };
    const clientId = { userName: { asDomain, userName }, clientUuid: new Uint8Array(16).fill(9) };
    const payload = {
      IntermediateAsCredential: () => encodeIntermediateAsCredentialPayload(common),
      ClientCredential: () => encodeClientCredentialPayload({ ...common, clientId }),
      LeafCredential: () => encodeLeafCredentialPayload(common),
    }[struct]();
    const request = attachSignature(payload, await write(selfSignatureContent(struct, payload)));
    const signature = await (impostor ? this.#write : signer.sign)(signatureContent(struct, request));
    const credential = decoded(struct, attachSignature(request, signature));
    const link: ChainLink = {
      kind: LINK_KINDS[struct],
      name: toHex(fingerprintOf(credential)),
      from,
      to,
      ...(struct === 'ClientCredential' ? { domain: asDomain } : {}),
      ...(publicKey === undefined ? {} : { fault: 'bad-self-signature' }),
      ...(impostor ? { fault: 'bad-signature' } : {}),
    };
    return { credential, links: [...signer.links, link], sign: write };
  }
}

function spanOf(loot: Loot | undefined): { readonly from: number; readonly to: number } {
  return loot?.links.at(-1) ?? { from: 0, to: 1 };
}

function decoded(struct: StructName & Made, encoded: Uint8Array): AnyCredential {
  if (struct === 'ClientCredential') return decodeClientCredential(encoded);
  return struct === 'LeafCredential' ? decodeLeafCredential(encoded) : decodeIntermediateAsCredential(encoded);
}
