import { clampedSum, type Duration, formatDuration, formatTime } from '../common/time.js';
import type { Objection, PolicyContext, Proposal, Rule } from './rule.js';

interface Validity {
  readonly from: number;
  readonly to: number;
  readonly setting: string;
  readonly maximum: Duration;
}

function validityIn(proposal: Proposal, { maxima }: PolicyContext): Validity {
  if (proposal.act === 'sign-bundle') {
    return { from: proposal.issuedAt, to: proposal.expiresAt, setting: 'maxima.bundle', maximum: maxima.bundle };
  }
  const { notBefore: from, notAfter: to } = proposal.candidate.payload.expirationData;
  return proposal.act === 'self-sign-root'
    ? { from, to, setting: 'maxima.root', maximum: maxima.root }
    : { from, to, setting: 'maxima.intermediate', maximum: maxima.intermediate };
}

export const lifetimeLimit: Rule = {
  id: 'lifetime-limit',
  source: 'authority.yaml, maxima',
  reason: 'A date that somebody typed wrongly must not become a credential of a hundred years.',
  *objections(proposal, context): Iterable<Objection> {
    const { from, to, setting, maximum } = validityIn(proposal, context);
    const largest = clampedSum(from, maximum) - 1;
    if (to > largest) {
      yield {
        message: `the validity ends ${formatTime(to)}, beyond ${setting} (${formatDuration(maximum)})`,
        hint: `The latest end that this allows is ${formatTime(largest)}.`,
      };
    }
  },
};
