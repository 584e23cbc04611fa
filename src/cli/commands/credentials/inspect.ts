import { toHex } from '../../../common/bytes.js';
import { CeremonyError } from '../../../common/errors.js';
import { formatTime } from '../../../common/time.js';
import { checkSelfSignature } from '../../../credential/checks.js';
import { formatClientId } from '../../../credential/client-id.js';
import { fingerprintOf } from '../../../credential/fingerprint-of.js';
import { type AnyCredential, type AnyRequest, KINDS } from '../../../credential/kinds.js';
import { ciphersuiteName } from '../../../crypto/ciphersuite.js';
import { first, readAnyKind } from '../../options/file-arguments.js';
import { validityJson } from '../../options/times.js';
import type { CommandModule } from '../../program/command.js';
import type { CommandContext } from '../../program/context.js';
import { result } from '../../terminal/output.js';
import { fields } from '../../terminal/render.js';

async function selfSignatureIsValid(credential: AnyCredential | AnyRequest, context: CommandContext): Promise<boolean> {
  const engines = await context.engines();
  try {
    checkSelfSignature(credential, engines);
    return true;
  } catch (error) {
    if (error instanceof CeremonyError && error.code !== 'engines-disagree') return false;
    throw error;
  }
}

export const { define, run }: CommandModule = {
  define: (command) => {
    command
      .argument('<file>', 'a credential or a request, as PEM or raw bytes; - for standard input')
      .option('--kind <kind>', 'the kind of raw bytes, such as as_credential')
      .addHelpText(
        'after',
        '\nShows what a file holds, and verifies only its self signature. Use verify for a verdict.',
      );
  },
  run: async (context, args, options) => {
    const credential = readAnyKind(first(args), options.text('kind'));
    const { payload, kind } = credential;
    const fingerprint = toHex(fingerprintOf(credential));
    const valid = await selfSignatureIsValid(credential, context);
    const publicKey = toHex(payload.publicKey);
    const asDomain = 'asDomain' in payload ? payload.asDomain : undefined;
    const clientId = 'clientId' in payload ? formatClientId(payload.clientId) : undefined;
    const signer = 'signerFingerprint' in payload ? toHex(payload.signerFingerprint) : undefined;
    const ciphersuite = ciphersuiteName(payload.ciphersuite);
    const json = {
      kind,
      fingerprint,
      as_domain: asDomain,
      client_id: clientId,
      ...validityJson(payload.expirationData),
      ciphersuite,
      public_key: publicKey,
      signer_fingerprint: signer,
      self_signature_valid: valid,
    };
    result(context.options, json, () =>
      fields(
        [
          ['kind', KINDS[kind].title],
          ['fingerprint', fingerprint],
          ...(asDomain === undefined ? [] : ([['domain', asDomain]] as const)),
          ...(clientId === undefined ? [] : ([['client', clientId]] as const)),
          ['valid from', formatTime(payload.expirationData.notBefore)],
          ['valid until', formatTime(payload.expirationData.notAfter)],
          ['ciphersuite', ciphersuite],
          ['public key', publicKey],
          ...(signer === undefined ? [] : ([['signer', signer]] as const)),
          ['self signature', valid ? 'good' : 'BAD: not signed by the key in it'],
        ],
        '',
      ),
    );
  },
};
