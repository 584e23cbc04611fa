/**
 * Keys in HSMs, for commands: which modules may be loaded, how the module's process is started, how long it may take,
 * and what is shown about a token.
 */
import { resolve } from 'node:path';
import type { Settings } from '../../authority/formats/settings.js';
import { inAuthority, SETTINGS_FILE } from '../../authority/ground/layout.js';
import { parsePkcs11Uri, type Pkcs11KeyUri } from '../../codec/pkcs11-uri.js';
import { refused, usage } from '../../common/errors.js';
import { exists } from '../../common/files.js';
import { type Duration, parseDuration } from '../../common/time.js';
import type { HsmMeans } from '../../signer/pkcs11/module-process.js';
import { type ModuleFacts, type ModuleTrust, ownerOf } from '../../signer/pkcs11/module-trust.js';
import type { FoundToken } from '../../signer/pkcs11/token.js';
import { type HsmUse, UNDER_WRAP } from '../../signer/pkcs11/use.js';
import type { CommandContext } from '../program/context.js';
import { HSM_WORKER } from '../program/hsm-worker.js';
import { columnsOf, fields } from '../terminal/render.js';
import type { Terminal } from '../terminal/terminal.js';

const DEFAULT: Duration = { months: 0, days: 0, seconds: 60 };
const DAY = 86_400;

/**
 * Returns the means. The option takes precedence over the settings of the authority, if there is one. Error: `usage`.
 */
export function hsmMeans(context: CommandContext, settings?: Pick<Settings, 'hsmTimeout'>): HsmMeans {
  const text = context.options.hsmTimeout;
  const duration = text === undefined ? (settings?.hsmTimeout ?? DEFAULT) : parseDuration(text);
  const timeoutSeconds = duration.days * DAY + duration.seconds;
  if (duration.months > 0 || timeoutSeconds < 1 || timeoutSeconds > DAY) {
    throw usage(`an HSM time limit of ${text ?? 'authority.yaml'} is not from a second to a day`, {
      hint: 'Write --hsm-timeout 5m.',
    });
  }
  return { worker: [process.argv[1] ?? '', HSM_WORKER], timeoutSeconds, trust: moduleTrust(context) };
}

/** Returns the paths of `--module`, absolute. */
export function namedModules({ options }: Pick<CommandContext, 'options'>): readonly string[] {
  return (options.module ?? []).map((path) => resolve(path));
}

function moduleTrust(context: CommandContext): ModuleTrust {
  const { options, dir, terminal } = context;
  const settings = inAuthority(dir, SETTINGS_FILE);
  const nobody = options.yes === true || options.json === true || !terminal.isPresent;
  return {
    named: namedModules(context),
    ...(exists(settings) ? { dataFolder: dir } : {}),
    ...(nobody ? {} : { ask: (module) => askForModule(terminal, module) }),
  };
}

const WORDS = 'load this module';
/**
 * What somebody has agreed to in this process, by path and content, since a command may load one module several times.
 */
const agreedTo = new Set<string>();

/** Asks whether a module may be loaded. Error: `declined`. */
async function askForModule(terminal: Terminal, module: ModuleFacts): Promise<void> {
  const { real, sha256, others } = module;
  const key = JSON.stringify([real, sha256]);
  if (agreedTo.has(key)) return;
  const rows = [
    ['module', real],
    ['owner', ownerOf(module)],
    ['SHA-256', sha256],
    ...others.map((why) => ['but', why] as const),
  ] as const;
  terminal.say(
    (stream) =>
      `\nA PKCS#11 module that users other than root could have put there:\n\n${fields(rows, '  ', columnsOf(stream))}`,
  );
  terminal.say("Whatever is in it runs with your rights, and sees the PIN. Compare its SHA-256 with the vendor's.\n");
  if ((await terminal.askLine(`Is this the module that you mean (type: ${WORDS})`)) !== WORDS) {
    throw refused('declined', `the answer was not ${WORDS}; the module was not loaded`, {
      hint: `Find out how ${real} came there, or name another module.`,
    });
  }
  agreedTo.add(key);
}

export function hsmRows(use: HsmUse): readonly (readonly [string, string])[] {
  return [
    ['module', use.module],
    ['token', `${use.token} (serial ${use.serial})`],
    ['made by', `${use.manufacturer} ${use.model}, firmware ${use.firmware}`],
    ['label and id', `${use.label}, ${use.id === '' ? 'none' : use.id}`],
    ['can leave the token', use.backup === 'wrapped' ? `yes, ${UNDER_WRAP}` : 'no'],
    ...use.unproven.map((claim) => ['not proved', claim] as const),
  ];
}

/** Returns a slot's handle (hex, little-endian) as the number that other tools show. */
export function slotNumber(slot: string): string {
  return String(Buffer.from(slot, 'hex').readBigUInt64LE(0));
}

/** Parses the URI of a token, or of a key in it. Error: `usage`. */
export function tokenUri(text: string): Pkcs11KeyUri {
  return parsePkcs11Uri(text);
}

export function tokenRow({ token }: FoundToken): readonly [string, string] {
  return [
    'token',
    `${token.label} (serial ${token.serial}, ${token.manufacturer} ${token.model}, firmware ${token.firmware})`,
  ];
}

export function tokenJson({ module, token }: FoundToken) {
  const { label, serial, manufacturer, model, firmware } = token;
  return { module: module.path, token: label, serial, manufacturer, model, firmware };
}
