/** Runs all rules over a proposal, lists every objection, and makes the only value that signing accepts. */
import { isWireCode } from '../common/codes.js';
import { adviceOf, CeremonyError, type Finding } from '../common/errors.js';
import { bundleWithinSigners } from './bundle-within-signers.js';
import { ciphersuiteAllowed } from './ciphersuite-allowed.js';
import { clock } from './clock.js';
import { domain } from './domain.js';
import { freshKey } from './fresh-key.js';
import { hashStrength } from './hash-strength.js';
import { lifetimeLimit } from './lifetime-limit.js';
import { notOver } from './not-over.js';
import { proofOfPossession } from './proof-of-possession.js';
import { requestAge } from './request-age.js';
import { requestReissue } from './request-reissue.js';
import type { PolicyContext, Proposal, Rule } from './rule.js';
import { signerUsable } from './signer-usable.js';
import { successorOverlap } from './successor-overlap.js';
import { validityNesting } from './validity-nesting.js';

/** Every rule. No option turns one off. */
export const RULES: readonly Rule[] = [
  proofOfPossession,
  validityNesting,
  successorOverlap,
  signerUsable,
  domain,
  notOver,
  bundleWithinSigners,
  requestReissue,
  freshKey,
  lifetimeLimit,
  ciphersuiteAllowed,
  hashStrength,
  requestAge,
  clock,
];

declare const checked: unique symbol;
/** A proposal to which no rule objects. Only `checkPolicy` makes one. */
export type Checked<P extends Proposal> = P & { readonly [checked]: true };

/** Returns every objection of every rule, those with a code of the wire format first. */
export function findingsOf(proposal: Proposal, context: PolicyContext): readonly Finding[] {
  const findings = RULES.flatMap(({ id, objections }) =>
    Array.from(objections(proposal, context), (objection): Finding => ({ rule: id, code: 'policy', ...objection })),
  );
  return [...findings.filter(({ code }) => isWireCode(code)), ...findings.filter(({ code }) => !isWireCode(code))];
}

/** Returns the proposal as checked, or throws one error with all findings and the code of the first. */
export function checkPolicy<P extends Proposal>(proposal: P, context: PolicyContext): Checked<P> {
  const findings = findingsOf(proposal, context);
  const [first, ...others] = findings;
  if (first === undefined) return proposal as Checked<P>;
  const more = others.length === 0 ? '' : ` (and ${String(others.length)} more)`;
  throw new CeremonyError('refused', first.code, `policy refuses this: ${first.message}${more}`, {
    findings,
    ...adviceOf(first),
  });
}
