/** Warns how little room the next bundle has left while something can still be done about it. */
import { MAX_INTERMEDIATES, MAX_ROOTS } from '../../bundle/limits.js';
import type { CredentialStatus } from '../lifecycle/credential-state.js';

const NEARLY = 7 / 8;
const LISTED: readonly CredentialStatus['state'][] = ['scheduled', 'active', 'issuing-ended'];

/** Returns a sentence for each kind of credential of which a bundle can hardly list more. */
export function bundleNotes(credentials: readonly CredentialStatus[]): readonly string[] {
  const listed = credentials.filter(({ state, reserve }) => LISTED.includes(state) && !reserve);
  const note = (kind: CredentialStatus['kind'], most: number, what: string, fewer: string): string[] => {
    const count = listed.filter((one) => one.kind === kind).length;
    if (count < NEARLY * most) return [];
    return [
      `the next bundle has ${String(count)} ${what} to list, and clients accept at most ${String(most)}: ${fewer}`,
    ];
  };
  return [
    ...note('as_credential', MAX_ROOTS, 'roots', 'retire those that are not needed before more are made'),
    ...note(
      'intermediate_as_credential',
      MAX_INTERMEDIATES,
      'intermediates',
      'revoke those that are not needed, or wait until some have ended, before more are issued',
    ),
  ];
}
