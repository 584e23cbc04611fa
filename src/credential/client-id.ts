import { encodeVector } from '../codec/tls.js';
import { concatBytes, fromUtf8, toHex, utf8 } from '../common/bytes.js';
import { bytesIn, recordIn, textIn } from '../common/door.js';
import { refused } from '../common/errors.js';
import type { Field } from './field.js';
import { encodeFqdn, fqdnField } from './fqdn.js';

/** A user of a homeserver. `userName` is 1 to 255 bytes of UTF-8 without control characters, and is not normalised. */
export interface UserName {
  readonly asDomain: string;
  readonly userName: string;
}

/** One client of a user; `clientUuid` has 16 bytes. */
export interface ClientId {
  readonly userName: UserName;
  readonly clientUuid: Uint8Array;
}

const MAX_USER_NAME = 255;
const UUID_LENGTH = 16;

/** Returns a checked copy. Error: `usage`. */
function userNameIn(value: unknown): UserName {
  const { asDomain, userName } = recordIn('the user', value, ['asDomain', 'userName']);
  return { asDomain: textIn('asDomain', asDomain), userName: textIn('userName', userName) };
}

function clientIdIn(value: unknown): ClientId {
  const { userName, clientUuid } = recordIn('the client', value, ['userName', 'clientUuid']);
  return { userName: userNameIn(userName), clientUuid: bytesIn('clientUuid', clientUuid) };
}

function checkUserName(bytes: Uint8Array): string {
  const text = fromUtf8(bytes);
  const reason =
    bytes.length === 0 || bytes.length > MAX_USER_NAME
      ? `it has ${String(bytes.length)} bytes; 1 to ${String(MAX_USER_NAME)} are allowed`
      : text === undefined
        ? 'it is not UTF-8'
        : /\p{Cc}/u.test(text)
          ? 'it has a control character'
          : undefined;
  if (reason !== undefined || text === undefined)
    throw refused('bad-client-id', `user_name is refused: ${reason ?? ''}`);
  return text;
}

/** Encodes a user name. Errors: `bad-domain`, `bad-client-id`, `usage`. */
export function encodeUserName(given: UserName): Uint8Array {
  const { asDomain, userName } = userNameIn(given);
  const bytes = utf8(userName);
  checkUserName(bytes);
  return concatBytes(encodeFqdn(asDomain), encodeVector(bytes));
}

/** Reads a user name. Errors: `bad-domain`, `bad-client-id`. */
export const userNameField: Field<UserName> = (reader) => {
  const domain = fqdnField(reader);
  const bytes = reader.vector();
  return () => ({ asDomain: domain(), userName: checkUserName(bytes) });
};

export function encodeClientId(given: ClientId): Uint8Array {
  const { userName, clientUuid } = clientIdIn(given);
  if (clientUuid.length !== UUID_LENGTH) {
    throw refused('bad-client-id', `client_uuid has ${String(clientUuid.length)} bytes, not ${String(UUID_LENGTH)}`);
  }
  return concatBytes(encodeUserName(userName), clientUuid);
}

/** Reads a client ID. Errors: `bad-domain`, `bad-client-id`. */
export const clientIdField: Field<ClientId> = (reader) => {
  const userName = userNameField(reader);
  const clientUuid = reader.fixed(UUID_LENGTH);
  return () => ({ userName: userName(), clientUuid });
};

/**
 * Returns text such as `alice@example.org/6ba7b810-9dad-11d1-80b4-00c04fd430c8`. Errors: `bad-domain`, `bad-client-id`,
 * `usage`.
 */
export function formatClientId(given: ClientId): string {
  const clientId = clientIdIn(given);
  encodeClientId(clientId);
  const { userName, clientUuid } = clientId;
  const uuid = toHex(clientUuid).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return `${userName.userName}@${userName.asDomain}/${uuid}`;
}
