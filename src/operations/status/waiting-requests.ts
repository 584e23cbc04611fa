/** Requests that were made or are in the authority, and have not been answered yet. */
import type { Authority } from '../../authority/authority.js';
import { readInside } from '../../authority/ground/inside.js';
import { toHex, utf8 } from '../../common/bytes.js';
import { CeremonyError } from '../../common/errors.js';
import { MAX_CREDENTIAL_FILE } from '../../common/files.js';
import { clampedSum } from '../../common/time.js';
import { credentialPem, decodeCredentialFile } from '../../credential/credential-file.js';
import { hash } from '../../crypto/hash.js';
import type { DueAction } from './due.js';

/**
 * Returns an action for each request that no intermediate answers and that can still be issued: by the end of
 * `request_age` or of its own validity. `elsewhere` means that the root is not here.
 */
export function requestsDue(
  authority: Authority,
  { atSeconds, elsewhere }: { readonly atSeconds: number; readonly elsewhere: boolean },
): DueAction[] {
  const { dir, requests, intermediates, settings } = authority;
  const answered = new Set(intermediates.map(({ credential }) => toHex(credential.selfSignedBytes)));
  const due: DueAction[] = [];
  for (const file of requests) {
    const request = decoded(dir, file);
    if (typeof request === 'string') {
      const action = `check ${file}, which is not a request: ${request}`;
      due.push({ kind: 'request', subject: file, action, by: atSeconds });
      continue;
    }
    const { notBefore, notAfter } = request.payload.expirationData;
    // As in the rule request-age.
    const by = Math.min(clampedSum(clampedSum(notBefore, settings.backdating), settings.requestAge), notAfter);
    if (by < atSeconds || answered.has(toHex(request.encoded))) continue;
    due.push({
      kind: 'request',
      subject: file,
      action: elsewhere ? `have ${file} issued where the root is` : `issue ${file}, or it will be too old`,
      ...(elsewhere ? {} : { command: { command: 'intermediate issue', args: [file], inFolder: true } }),
      by,
    });
  }
  return [...due, ...missingDue(authority, atSeconds)];
}

/** Returns those that were made here, are gone, and can still be issued, as far as that shows without them. */
function missingDue({ missingRequests, intermediates, settings }: Authority, atSeconds: number): DueAction[] {
  const waiting = missingRequests.filter((one) => clampedSum(one.atSeconds, settings.requestAge) >= atSeconds);
  if (waiting.length === 0) return [];
  const kind = 'intermediate_as_credential_request';
  const answered = new Set(
    intermediates.map(({ credential: { selfSignedBytes: encoded } }) =>
      toHex(hash('sha256', utf8(credentialPem(kind, encoded)))),
    ),
  );
  return waiting
    .filter(({ sha256 }) => !answered.has(sha256))
    .map(({ file }) => ({
      kind: 'request',
      subject: file,
      action: `look for ${file}: it was made here, is missing, and no intermediate here answers it`,
      by: atSeconds,
    }));
}

function decoded(
  dir: string,
  file: string,
): ReturnType<typeof decodeCredentialFile<'intermediate_as_credential_request'>> | string {
  try {
    return decodeCredentialFile(readInside(dir, file, MAX_CREDENTIAL_FILE), ['intermediate_as_credential_request']);
  } catch (error) {
    if (error instanceof CeremonyError) return error.message;
    throw error;
  }
}
