/** Approvals of a plan: people's SSH signatures over its file, made in advance. */
import { readAnywhere } from '../../authority/ground/anywhere.js';
import { refused } from '../../common/errors.js';
import { MAX_TEXT_FILE } from '../../common/files.js';
import { countedOf, isPrincipal, signaturesBeside } from './principals.js';
import { personsOf } from './signer-lines.js';
import { verifyDetached } from './ssh-signature.js';

const PLAN_NAMESPACE = 'as-ceremony-plan';

export interface Approval {
  readonly principal: string;
  /** The key as ssh-keygen shows it: `SHA256:…`. */
  readonly key: string;
  /** The signature file's bytes. */
  readonly signature: Uint8Array;
}

/**
 * Returns every good approval beside a plan's file (`PLAN.<principal>.sig`), one for each person and each key. A bad
 * one is refused even if there are enough others. `allowedSigners` are the bytes of the authority's own file, the only
 * one that counts here. Errors: `bad-approval`, `too-few-approvals`.
 */
export function approvalsOf(
  file: string,
  plan: Uint8Array,
  allowedSigners: Uint8Array | undefined,
  needs: { readonly least: number; readonly atSeconds: number },
): readonly Approval[] {
  const found = signaturesBeside(file);
  if (allowedSigners === undefined) {
    if (needs.least === 0) return [];
    throw refused('too-few-approvals', 'the authority has no allowed_signers, so nobody can approve a plan', {
      hint: 'Put the file allowed_signers (ssh-keygen(1)) into the authority, before the plan is made.',
    });
  }
  const good = found.map(({ principal, path }) => {
    const signature = readAnywhere(path, MAX_TEXT_FILE);
    const question = { content: plan, signature, namespace: PLAN_NAMESPACE, allowedSigners };
    const verdict = isPrincipal(principal)
      ? verifyDetached({ ...question, principal, atSeconds: needs.atSeconds })
      : { state: 'invalid' as const, why: 'its name holds no principal (PLAN.<principal>.sig)' };
    if (verdict.state === 'valid') return { principal, fingerprint: verdict.fingerprint, signature };
    throw refused('bad-approval', `${path} does not approve this plan: ${verdict.why}`, {
      hint: 'Correct the fault, remove the signature, or have this plan signed again.',
    });
  });
  const counted = countedOf(good, personsOf(allowedSigners));
  const twice = good.find((one) => !counted.has(one));
  if (twice !== undefined) {
    throw refused(
      'bad-approval',
      `${twice.principal} is, by allowed_signers, the same person or key as another approver`,
      {
        hint: 'Each approval must be by a different person with a different key. Names in one line, and names with one key, are one person.',
      },
    );
  }
  if (counted.size < needs.least) {
    const names = good.length === 0 ? '' : `: ${good.map(({ principal }) => principal).join(', ')}`;
    throw refused(
      'too-few-approvals',
      `${String(needs.least)} people must approve a plan, and ${String(counted.size)} did${names}`,
      {
        hint: `Each signs the plan: ssh-keygen -Y sign -n ${PLAN_NAMESPACE} -f KEY PLAN, and names it PLAN.<principal>.sig`,
      },
    );
  }
  return good.map(({ principal, fingerprint, signature }) => ({ principal, key: fingerprint, signature }));
}
