/** The keys of a ceremony. Each is opened once and stays open until a break or the end, so that one login is enough. */
import { equalBytes } from '../../common/bytes.js';
import type { KeyKeeper } from '../../operations/context/operation-context.js';
import type { ReadyKey } from '../../operations/signing/ready-key.js';
import type { Signer } from '../../signer/signer.js';

export class Keyring implements KeyKeeper {
  readonly #open = new Map<string, Signer>();
  /** Keys that were made in this ceremony, and may not be on record yet: a step that is repeated gets the same one. */
  readonly #made = new Map<string, ReadyKey>();

  open: KeyKeeper['open'] = async ({ uri, publicKey }, open) => {
    const there = this.#open.get(uri);
    if (there !== undefined && (publicKey === undefined || equalBytes(there.publicKey, publicKey))) return kept(there);
    const signer = await open();
    this.#open.set(uri, signer);
    return kept(signer);
  };

  make: KeyKeeper['make'] = async ({ uri }, _scheme, make) => {
    const ready = this.#made.get(uri) ?? (await make());
    this.#made.set(uri, ready);
    this.#open.set(uri, ready.signer);
    return { ...ready, signer: kept(ready.signer), keep: nothing };
  };

  openAnew: KeyKeeper['openAnew'] = (key, open) => (key.uri.startsWith('file:') ? open() : this.open(key, open));

  makeForTrial: KeyKeeper['makeForTrial'] = (_key, _scheme, make) => make();

  /** Destroys the keys that were made here, except those that `keep` selects. Returns their URIs. */
  async destroyUnless(keep: (publicKey: Uint8Array) => boolean): Promise<readonly string[]> {
    const gone = [...this.#made].filter(([, { signer }]) => !keep(signer.publicKey));
    for (const [uri, { signer }] of gone) {
      this.#made.delete(uri);
      this.#open.delete(uri);
      await signer.close();
    }
    return gone.map(([uri]) => uri);
  }

  /** Ends every session, and wipes secrets. Keys that were made stay, and are found by whoever continues. */
  async close(): Promise<void> {
    for (const ready of this.#made.values()) ready.keep();
    const signers = [...this.#open.values()];
    this.#open.clear();
    this.#made.clear();
    for (const signer of signers) await signer.close();
  }
}

const nothing = (): void => undefined;

/** Operations close the signers that they have used; these stay open. */
function kept(signer: Signer): Signer {
  const { uri, scheme, publicKey, hsm } = signer;
  return {
    uri,
    scheme,
    publicKey,
    ...(hsm === undefined ? {} : { hsm }),
    sign: (message) => signer.sign(message),
    close: () => Promise.resolve(),
  };
}
