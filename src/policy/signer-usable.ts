import { toHex } from '../common/bytes.js';
import { formatTime } from '../common/time.js';
import type { AsCredential } from '../credential/as-credential.js';
import { fingerprintOf } from '../credential/fingerprint-of.js';
import type { Objection, PolicyContext, Rule } from './rule.js';

function* objectionsTo(signer: AsCredential, { atSeconds, revoked }: PolicyContext): Iterable<Objection> {
  const fingerprint = toHex(fingerprintOf(signer));
  const { notBefore, notAfter } = signer.payload.expirationData;
  const root = `the AS root credential ${fingerprint}`;
  if (revoked.has(fingerprint)) yield { code: 'revoked', message: `${root} is revoked and signs nothing any more` };
  if (atSeconds < notBefore)
    yield { code: 'not-yet-valid', message: `${root} is not valid before ${formatTime(notBefore)}` };
  if (atSeconds > notAfter) yield { code: 'expired', message: `${root} was valid until ${formatTime(notAfter)}` };
}

/** What it issues, no bundle lists: a bundle lists intermediates of listed roots alone. */
function* objectionsToIssuer(signer: AsCredential, { retired }: PolicyContext): Iterable<Objection> {
  const fingerprint = toHex(fingerprintOf(signer));
  if (retired.has(fingerprint))
    yield {
      message: `the AS root credential ${fingerprint} is retired: no bundle would list what it issues`,
      hint: 'Have the request made again, for a root that bundles list.',
    };
}

export const signerUsable: Rule = {
  id: 'signer-usable',
  source: 'wire format, phases 6 and 7',
  reason: 'What a revoked or expired root signs, clients refuse; a root that signs before its time has a wrong clock.',
  *objections(proposal, context) {
    if (proposal.act === 'issue-intermediate') yield* objectionsTo(proposal.signer, context);
    if (proposal.act === 'issue-intermediate' || proposal.act === 'self-sign-request')
      yield* objectionsToIssuer(proposal.signer, context);
    if (proposal.act === 'self-sign-request') {
      const fingerprint = toHex(fingerprintOf(proposal.signer));
      if (context.revoked.has(fingerprint))
        yield { code: 'revoked', message: `the AS root credential ${fingerprint} is revoked` };
    }
    if (proposal.act === 'sign-bundle') for (const signer of proposal.signers) yield* objectionsTo(signer, context);
  },
};
