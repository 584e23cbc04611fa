import { encodeVector } from '../codec/tls.js';
import { fromUtf8, utf8 } from '../common/bytes.js';
import { cut } from '../common/cut.js';
import { refused } from '../common/errors.js';
import type { Field } from './field.js';

const MAX_LENGTH = 253;
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Returns why a text is not an Fqdn of the wire format (A-labels, RFC 5890, lower case), or undefined if it is one. */
export function checkFqdn(text: string): string | undefined {
  if (text.length === 0) return 'it is empty';
  if (text.length > MAX_LENGTH)
    return `it has ${String(text.length)} characters, at most ${String(MAX_LENGTH)} are allowed`;
  if (text.endsWith('.')) return 'it ends with a dot';
  const labels = text.split('.');
  const bad = labels.find((label) => !LABEL.test(label));
  if (bad !== undefined) {
    return `its label ${JSON.stringify(cut(bad))} is not 1 to 63 of a-z, 0-9 and inner hyphens (international names in their xn-- form)`;
  }
  if (/^[0-9]+$/.test(labels.at(-1) ?? '')) return 'its last label is all digits';
  return undefined;
}

export function encodeFqdn(domain: string): Uint8Array {
  const reason = checkFqdn(domain);
  if (reason !== undefined) throw badDomain(domain, reason);
  return encodeVector(utf8(domain));
}

/** Reads `opaque Fqdn<V>`. Error: `bad-domain`. */
export const fqdnField: Field<string> = (reader) => {
  const bytes = reader.vector();
  return () => {
    const text = fromUtf8(bytes);
    if (text === undefined) throw badDomain('(not UTF-8)', 'it is not ASCII');
    const reason = checkFqdn(text);
    if (reason !== undefined) throw badDomain(text, reason);
    return text;
  };
};

function badDomain(domain: string, reason: string): Error {
  return refused('bad-domain', `as_domain ${JSON.stringify(cut(domain))} is not a domain: ${reason}`, {
    hint: 'Write it as it is in DNS, in lower case, such as example.org.',
  });
}

const REHEARSAL = '.rehearsal.invalid';

/** Returns whether a domain is for rehearsals (RFC 6761 §6.4: nothing below .invalid exists). */
export function isRehearsalDomain(domain: string): boolean {
  return domain.endsWith(REHEARSAL);
}

export function rehearsalDomain(domain: string): string {
  return `${domain}${REHEARSAL}`;
}
