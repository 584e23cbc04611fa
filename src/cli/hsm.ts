/** Keys in HSMs, for commands: how the module's process is started, how long it may take, and what is shown of a token. */
import { parseDuration, type Duration } from '../common/time.js';
import { usage } from '../common/errors.js';
import type { Settings } from '../authority/settings.js';
import type { HsmMeans } from '../signer/pkcs11/module-process.js';
import { parsePkcs11Uri, type Pkcs11KeyUri } from '../signer/pkcs11/uri.js';
import type { FoundToken } from '../signer/pkcs11/token.js';
import { UNDER_WRAP, type HsmUse } from '../signer/pkcs11/use.js';
import type { Context } from './context.js';
import { HSM_WORKER } from './hsm-worker.js';

const DEFAULT: Duration = { months: 0, days: 0, seconds: 60 };
const DAY = 86_400;

/** The option counts, then the settings of the authority where there is one. Error: `usage`. */
export function hsmMeans({ options }: Context, settings?: Pick<Settings, 'hsmTimeout'>): HsmMeans {
  const text = options.hsmTimeout;
  const duration = text === undefined ? (settings?.hsmTimeout ?? DEFAULT) : parseDuration(text);
  const timeoutSeconds = duration.days * DAY + duration.seconds;
  if (duration.months > 0 || timeoutSeconds < 1 || timeoutSeconds > DAY) {
    throw usage(`an HSM time limit of ${text ?? 'authority.yaml'} is not from a second to a day`, {
      hint: 'Write --hsm-timeout 5m.',
    });
  }
  return { worker: [process.argv[1] ?? '', HSM_WORKER], timeoutSeconds };
}

export function hsmRows(use: HsmUse): readonly (readonly [string, string])[] {
  return [
    ['token', `${use.token} (serial ${use.serial})`],
    ['made by', `${use.manufacturer} ${use.model}, firmware ${use.firmware}`],
    ['label and id', `${use.label}, ${use.id === '' ? 'none' : use.id}`],
    ['can leave the token', use.backup === 'wrapped' ? `yes, ${UNDER_WRAP}` : 'no'],
    ...use.unproven.map((claim) => ['not proved', claim] as const),
  ];
}

/** A slot's handle (hex, little-endian) as the number that other tools show. */
export function slotNumber(slot: string): string {
  return String(Buffer.from(slot, 'hex').readBigUInt64LE(0));
}

/** A token, or a key in it. Error: `usage`. */
export function tokenUri(text: string): Pkcs11KeyUri {
  return parsePkcs11Uri(text);
}

export function tokenRow({ token }: FoundToken): readonly [string, string] {
  return [
    'token',
    `${token.label} (serial ${token.serial}, ${token.manufacturer} ${token.model}, firmware ${token.firmware})`,
  ];
}

export function tokenJson({ module, token }: FoundToken): Readonly<Record<string, string>> {
  const { label, serial, manufacturer, model, firmware } = token;
  return { module: module.path, token: label, serial, manufacturer, model, firmware };
}
