/** An authority in a temporary folder, and an operation's context with injected time, randomness and passphrases. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { openAuthority } from '../../src/authority/authority.js';
import { encodeRevocation, revocationPath } from '../../src/authority/formats/small-files.js';
import { initAuthority } from '../../src/authority/init-authority.js';
import { applyChange } from '../../src/authority/store.js';
import type { RevocationReason } from '../../src/bundle/revocation.js';
import { toHex, utf8 } from '../../src/common/bytes.js';
import { CeremonyError } from '../../src/common/errors.js';
import { parseDuration } from '../../src/common/time.js';
import { hash } from '../../src/crypto/hash.js';
import { nobleEngine } from '../../src/crypto/noble-engine.js';
import { nodeEngine } from '../../src/crypto/node-engine.js';
import { exportBundle, type ExportedBundle } from '../../src/operations/bundles/export-bundle.js';
import type { OperationContext, Preview } from '../../src/operations/context/operation-context.js';
import { type GeneratedRoot, generateRoot } from '../../src/operations/credentials/generate-root.js';
import { type IssuedIntermediate, issueIntermediate } from '../../src/operations/credentials/issue-intermediate.js';
import { type MadeRequest, requestIntermediate } from '../../src/operations/credentials/request-intermediate.js';
import { temporaryFolder } from '../authority/support.js';
import { suite } from '../policy/support.js';

export const AT = 1_800_000_000;
export const DAY = 86_400;
export const DOMAIN = 'example.org';
export const PASSPHRASE = 'four words are not quite enough here';
const writer = { toolVersion: '1.2.3', hostName: 'vault' };

/** Bytes that follow from a text; the same text gives the same stream. */
export function stream(seed: string): (length: number) => Uint8Array {
  let count = 0;
  return (length) => {
    const blocks: number[] = [];
    while (blocks.length < length) blocks.push(...hash('sha256', utf8(`${seed} ${String(count++)}`)));
    return Uint8Array.from(blocks.slice(0, length));
  };
}

/** Whatever an operation asked for, in order. */
export interface Asked {
  readonly log: string[];
  readonly previews: Preview[];
  readonly passphrases: Uint8Array[];
}

export type DeskChange = Partial<Omit<OperationContext, 'authority'>> & {
  readonly seed?: string;
  readonly passphrase?: string;
};

export class Bench {
  readonly dir: string;
  readonly asked: Asked = { log: [], previews: [], passphrases: [] };

  /** `settings` are lines of authority.yaml. */
  constructor(settings: readonly string[] = [], inMemory = false) {
    this.dir = join(temporaryFolder(inMemory), 'authority');
    initAuthority(
      this.dir,
      { domain: DOMAIN, ciphersuite: suite('ed25519-sha256'), files: [], events: [], atSeconds: AT - DAY, writer },
      { hostName: writer.hostName, atSeconds: AT - DAY, random: stream('lock') },
    );
    const lines = ['version: 1', `domain: ${DOMAIN}`, 'key_work_factor: 14', ...settings];
    writeFileSync(join(this.dir, 'authority.yaml'), `${lines.join('\n')}\n`);
  }

  async context(change: DeskChange = {}): Promise<OperationContext> {
    const { log, previews, passphrases } = this.asked;
    const { seed = 'desk', passphrase = PASSPHRASE, ...rest } = change;
    return {
      authority: await openAuthority(this.dir),
      atSeconds: AT,
      buildSeconds: AT - 10 * DAY,
      random: stream(seed),
      engines: [nobleEngine, nodeEngine],
      recordIn: { writer },
      hsm: { worker: [], timeoutSeconds: 1, trust: { named: [] } },
      secrets: {
        passphrase: ({ uri }, use) => {
          log.push(`passphrase ${use} ${uri}`);
          const bytes = utf8(passphrase);
          passphrases.push(bytes);
          return Promise.resolve(bytes);
        },
        mayAskAgain: () => false,
        pin: () => Promise.reject(new TypeError('no token here')),
        announce: () => undefined,
      },
      confirm: (preview) => {
        log.push('confirm');
        previews.push(preview);
        return Promise.resolve();
      },
      ...rest,
    };
  }

  async root(change: DeskChange = {}, ciphersuite = 'ed25519-sha256'): Promise<GeneratedRoot> {
    return generateRoot(await this.context({ seed: 'root', ...change }), { ciphersuite: suite(ciphersuite) });
  }

  async request(
    change: DeskChange = {},
    more: { notAfter?: number; notBefore?: number; key?: string } = {},
  ): Promise<MadeRequest> {
    const context = await this.context({ seed: 'request', ...change });
    const { key = 'intermediate-1', ...validity } = more;
    const [root] = context.authority.roots;
    if (root === undefined) throw new TypeError('make a root first');
    const wanted = { keyUri: `file:keys/${key}.age`, ciphersuite: suite('ed25519-sha256'), signer: root.credential };
    return requestIntermediate(context, { ...wanted, ...validity });
  }

  async issue({ request }: MadeRequest, change: DeskChange = {}): Promise<IssuedIntermediate> {
    return issueIntermediate(await this.context({ seed: 'issue', ...change }), request);
  }

  async export(change: DeskChange = {}, lifetime?: string): Promise<ExportedBundle> {
    const wanted = lifetime === undefined ? {} : { lifetime: parseDuration(lifetime) };
    return exportBundle(await this.context({ seed: 'export', ...change }), wanted);
  }

  async revoke(fingerprint: Uint8Array, atSeconds = AT, reason: RevocationReason = 'key-compromise'): Promise<void> {
    const bytes = encodeRevocation({ fingerprint, revokedAtSeconds: atSeconds, reason });
    applyChange(await openAuthority(this.dir), {
      operation: 'revoke',
      files: [{ path: revocationPath(fingerprint), bytes }],
      events: [{ event: 'revoke', fields: { fingerprints: [toHex(fingerprint)], reason } }],
      atSeconds,
      recordIn: { writer },
    });
  }

  /** Every file with its content and mode. */
  snapshot(): Readonly<Record<string, string>> {
    const files = readdirSync(this.dir, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
    const named = files.map((one) => {
      const path = join(one.parentPath, one.name);
      const mode = (statSync(path).mode & 0o777).toString(8);
      return [relative(this.dir, path), `${mode} ${toHex(hash('sha256', readFileSync(path)))}`] as const;
    });
    return Object.fromEntries(named.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** The events of the newest transcript. */
  async events(): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const { transcripts } = await openAuthority(this.dir);
    const text = readFileSync(join(this.dir, transcripts.files.at(-1) ?? ''), 'utf8');
    return text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** What an action that must fail throws; nothing may have been written by then. */
  async refusal(action: () => Promise<unknown>): Promise<CeremonyError> {
    const before = this.snapshot();
    try {
      await action();
    } catch (error) {
      if (!(error instanceof CeremonyError)) throw error;
      const after = this.snapshot();
      if (JSON.stringify(after) !== JSON.stringify(before)) {
        const fresh = Object.keys(after).filter((name) => after[name] !== before[name]);
        throw new Error(`written in spite of ${error.code}: ${fresh.join(', ')}`);
      }
      return error;
    }
    throw new Error('nothing was refused');
  }
}

export const rulesOf = ({ findings }: CeremonyError): readonly string[] =>
  findings.map(({ rule, code }) => `${rule}: ${code}`);
