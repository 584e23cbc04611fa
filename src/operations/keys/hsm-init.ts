/** Initialises a token. A person is asked twice, and told what will be lost. */
import type { Authority } from '../../authority/authority.js';
import { wipe } from '../../common/bytes.js';
import { couldNot, refused } from '../../common/errors.js';
import { CKF } from '../../signer/pkcs11/constants.js';
import type { HsmMeans, ModuleProcess } from '../../signer/pkcs11/module-process.js';
import type { AgreedModule } from '../../signer/pkcs11/module-trust.js';
import type { FoundModule } from '../../signer/pkcs11/modules.js';
import type { WireSlot, WireToken } from '../../signer/pkcs11/protocol.js';
import { type PinSource } from '../../signer/pkcs11/session.js';
import { pinWarnings, startModule, tokenName } from '../../signer/pkcs11/token.js';
import type { Preview } from '../context/operation-context.js';

export interface TokenOptions {
  readonly module: FoundModule;
  /** The new label of the token; at most 32 bytes. */
  readonly label: string;
  /**
   * Which token: by its serial number or its present label; if neither is given, the only one that is not initialised.
   */
  readonly serial?: string;
  readonly token?: string;
}

/** What only the floor above can ask. */
export interface InitContext {
  readonly hsm: HsmMeans;
  readonly pins: PinSource;
  readonly confirm: (preview: Preview) => Promise<void>;
  /** Asks a second question for a token that is not empty: its label must be typed. Throws if it isn't. */
  readonly confirmErasure: (token: WireToken) => Promise<void>;
  readonly authority: Authority | undefined;
}

/**
 * Initialises a token, which destroys everything in it, and sets its user PIN. Errors: `hsm-token-not-found`,
 * `ambiguous-key-uri`, `token-exists`, `declined`, and those of the token.
 */
export async function initToken(context: InitContext, wanted: TokenOptions): Promise<WireToken> {
  const { process, listed } = await startModule(wanted.module, context.hsm);
  let soPin: Uint8Array | undefined;
  let pin: Uint8Array | undefined;
  try {
    const slot = chooseSlot(listed.slots, wanted);
    const { token } = slot;
    const twin = listed.slots.find(
      (one) => one.slot !== slot.slot && one.token?.label === wanted.label && initialised(one.token),
    );
    if (twin?.token !== undefined) {
      throw refused('token-exists', `there is a token of that label already: ${tokenName(twin.token)}`, {
        hint: 'Choose another label: keys are found by it.',
      });
    }
    const holds = initialised(token);
    for (const warning of holds ? pinWarnings(token, 'so') : []) context.pins.announce(`warning: ${warning}`);
    await context.confirm(previewOf(wanted, listed.agreed, token, holds, context.authority));
    if (holds) await context.confirmErasure(token);
    const request = { uri: '', name: wanted.label, token: { ...token, label: wanted.label }, warnings: [] };
    soPin = await context.pins.pin({ ...request, whose: holds ? 'so' : 'new-so' });
    pin = await context.pins.pin({ ...request, whose: 'new-user' });
    await initialise(process, slot.slot, wanted.label, soPin, pin);
    const { value: slots } = await process.ask({ op: 'slots' }, 'looking for the new token');
    const made = slots.find((one) => one.token?.label === wanted.label && initialised(one.token))?.token;
    if (made === undefined) throw couldNot('hsm-error', 'the new token is not there');
    return made;
  } finally {
    wipe(soPin, pin);
    await process.close();
  }
}

async function initialise(
  process: ModuleProcess,
  slot: string,
  label: string,
  soPin: Uint8Array,
  pin: Uint8Array,
): Promise<void> {
  const padded = label + ' '.repeat(Math.max(0, 32 - new TextEncoder().encode(label).length));
  await process.ask({ op: 'init-token', slot, label: padded }, 'initialising the token', soPin);
  // The slot may have changed.
  const { value: slots } = await process.ask({ op: 'slots' }, 'looking for the new token');
  const made = slots.find(({ token }) => token?.label === label && initialised(token));
  if (made === undefined) throw couldNot('hsm-error', 'the token was initialised, and is no longer there');
  await process.ask({ op: 'open', slot: made.slot }, 'opening the new token');
  await process.ask({ op: 'login', by: 'so' }, 'the login of the security officer', soPin);
  await process.ask({ op: 'init-pin' }, 'setting the PIN', pin);
}

function initialised(token: WireToken | undefined): boolean {
  return token !== undefined && (token.flags & CKF.tokenInitialized) !== 0;
}

function chooseSlot(
  slots: readonly WireSlot[],
  { serial, token }: TokenOptions,
): WireSlot & { readonly token: WireToken } {
  const named = serial !== undefined || token !== undefined;
  const fitting = slots
    .flatMap((slot) => (slot.token === undefined ? [] : [{ ...slot, token: slot.token }]))
    .filter((slot) =>
      named
        ? (serial === undefined || slot.token.serial === serial) && (token === undefined || slot.token.label === token)
        : !initialised(slot.token),
    );
  const [only, second] = fitting;
  if (only === undefined) {
    const there = slots.flatMap((slot) => (slot.token === undefined ? [] : [tokenName(slot.token)])).join('; ');
    throw couldNot('hsm-token-not-found', named ? 'no token fits' : 'every token has been initialised', {
      hint: `These are there: ${there || 'none'}. Name one.`,
      remedies: [{ option: 'token' }, { option: 'serial' }],
    });
  }
  if (second !== undefined) {
    throw refused('ambiguous-key-uri', `${String(fitting.length)} tokens fit`, {
      hint: `Say which: ${fitting.map((slot) => tokenName(slot.token)).join('; ')}.`,
      remedies: [{ option: 'serial' }],
    });
  }
  return only;
}

function previewOf(
  { label }: TokenOptions,
  { real }: AgreedModule,
  token: WireToken,
  holds: boolean,
  authority: Authority | undefined,
): Preview {
  const records = (authority?.keyRecords ?? []).filter(({ hsm }) => hsm?.facts.serial === token.serial);
  const living = records.filter(({ end }) => end?.state !== 'destroyed').map(({ name }) => name);
  const lost = records.map(({ uri, file }) => `LOST: ${uri} (${file})`);
  return {
    title: holds ? 'A token is erased and made again' : 'A new token',
    rows: [
      ['module', real],
      ['token now', holds ? tokenName(token) : 'not initialised'],
      ['new label', label],
      ...lost.map((text) => ['key of this authority', text] as const),
    ],
    changes: [
      ...(holds ? ['every key and object in it is destroyed permanently, including those of others'] : []),
      "it gets its label, and two PINs: the security officer's and the user's",
    ],
    warnings: holds ? ['Nothing brings these keys back.'] : [],
    ...(living.length === 0 ? {} : { words: `destroy ${living.join(', ')}`, typed: true }),
  };
}
