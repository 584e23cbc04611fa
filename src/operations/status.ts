import { toHex } from '../common/bytes.js';
import type { Authority } from '../authority/authority.js';
import type { AsCredential } from '../credential/as-credential.js';
import { fingerprintOf } from '../credential/fingerprint.js';
import type { IntermediateAsCredential } from '../credential/intermediate-as-credential.js';
import { issuingDeadline, stateOf, type CredentialState } from './credential-state.js';
import { revokedHere } from './desk.js';
import { lastBundle, type PastBundle } from './history.js';

export interface CredentialStatus {
  readonly kind: 'as_credential' | 'intermediate_as_credential';
  readonly file: string;
  readonly fingerprint: string;
  readonly state: CredentialState;
  readonly issuingDeadline: number;
  readonly notBefore: number;
  readonly notAfter: number;
  /** Whether the newest bundle lists it. */
  readonly published: boolean;
}

/** Something to do, by a time (Unix seconds). */
export interface DueAction {
  readonly action: string;
  readonly by: number;
}

export interface AuthorityStatus {
  readonly asDomain: string;
  readonly credentials: readonly CredentialStatus[];
  readonly bundle?: {
    readonly file: string;
    readonly sequence: number;
    readonly issuedAt: number;
    readonly expiresAt: number;
  };
  /** The soonest first. */
  readonly next: readonly DueAction[];
  /** What an interrupted command left. */
  readonly pending: Authority['pending'];
  /** What changed in authority.yaml since a transcript last said what it holds; undefined where nothing did. */
  readonly settingsChanges: readonly string[] | undefined;
}

/** What stands in an authority at a time, and what is due. Reads only. */
export function statusOf(authority: Authority, atSeconds: number): AuthorityStatus {
  const { settings } = authority;
  const isRevoked = revokedHere(authority);
  const bundle = lastBundle(authority);
  const published = new Set(bundle === undefined ? [] : listedIn(bundle));
  const describe =
    (childLifetime: typeof settings.lifetimes.client) =>
    ({
      credential,
      file,
      fingerprint,
    }: {
      credential: AsCredential | IntermediateAsCredential;
      file: string;
      fingerprint: string;
    }): CredentialStatus => {
      const validity = credential.payload.expirationData;
      return {
        kind: credential.kind,
        file,
        fingerprint,
        state: stateOf(validity, { atSeconds, revoked: isRevoked(credential), childLifetime }),
        issuingDeadline: issuingDeadline(validity, childLifetime),
        notBefore: validity.notBefore,
        notAfter: validity.notAfter,
        published: published.has(fingerprint),
      };
    };
  const credentials = [
    ...authority.roots.map(describe(settings.lifetimes.intermediate)),
    ...authority.intermediates.map(describe(settings.lifetimes.client)),
  ];
  const held = authority.bundles.at(-1);
  return {
    asDomain: settings.domain,
    credentials,
    ...(bundle === undefined || held === undefined
      ? {}
      : {
          bundle: {
            file: held.file,
            sequence: bundle.payload.sequence,
            issuedAt: bundle.payload.issuedAt,
            expiresAt: bundle.payload.expiresAt,
          },
        }),
    next: isRequester(authority)
      ? requesterActions(credentials, atSeconds)
      : dueActions(credentials, bundle?.payload.expiresAt, atSeconds),
    pending: authority.pending,
    settingsChanges: authority.settingsState.changes,
  };
}

function listedIn({ payload }: PastBundle): string[] {
  return [...payload.asCredentials, ...payload.asIntermediateCredentials].map((one) => toHex(fingerprintOf(one)));
}

/** A folder without a root, in which requests are made for a root elsewhere. */
function isRequester({ roots, requests, intermediates }: Authority): boolean {
  return roots.length === 0 && requests.length + intermediates.length > 0;
}

function requesterActions(credentials: readonly CredentialStatus[], atSeconds: number): DueAction[] {
  const living = credentials.filter(({ state }) => state === 'active' || state === 'scheduled');
  if (living.length === 0) return [{ action: 'have the request issued where the root is', by: atSeconds }];
  const by = Math.max(...living.map(({ issuingDeadline: deadline }) => deadline));
  return [{ action: 'have a successor of the intermediate issued where the root is', by }];
}

function dueActions(
  credentials: readonly CredentialStatus[],
  bundleExpires: number | undefined,
  atSeconds: number,
): DueAction[] {
  const actions: DueAction[] = [];
  for (const [kind, name, make] of [
    ['as_credential', 'root', 'root generate'],
    ['intermediate_as_credential', 'intermediate', 'intermediate request and issue'],
  ] as const) {
    const living = credentials.filter(
      (one) => one.kind === kind && (one.state === 'active' || one.state === 'scheduled'),
    );
    const last = living.reduce<CredentialStatus | undefined>(
      (a, b) => (a !== undefined && a.issuingDeadline >= b.issuingDeadline ? a : b),
      undefined,
    );
    actions.push(
      last === undefined
        ? { action: `make a usable ${name} (${make})`, by: atSeconds }
        : { action: `have a successor of ${name} ${last.fingerprint.slice(0, 16)} in use`, by: last.issuingDeadline },
    );
  }
  const unpublished = credentials.filter(
    ({ published, state }) => !published && (state === 'active' || state === 'scheduled'),
  );
  const revokedButListed = credentials.some(({ published, state }) => published && state === 'revoked');
  if (unpublished.length > 0 || revokedButListed || bundleExpires === undefined) {
    const first = bundleExpires === undefined;
    actions.push({
      action: `export and publish ${first ? 'the first bundle' : 'a bundle: the newest one does not say what the authority holds'}`,
      by: atSeconds,
    });
  } else {
    actions.push({ action: 'publish the next bundle before the newest one expires', by: bundleExpires });
  }
  return actions.sort((a, b) => a.by - b.by);
}
