/** The set of rules, and what `checkPolicy` makes of their objections. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import ts from 'typescript';
import { isWireCode } from '../../src/common/codes.js';
import { CeremonyError } from '../../src/common/errors.js';
import { checkPolicy, findingsOf, RULES } from '../../src/policy/all-rules.js';
import type { Rule } from '../../src/policy/rule.js';
import { AT, CONTEXT, DAY, findings, issueProposal, makeRoot, rootProposal } from './support.js';

const FOLDER = new URL('../../src/policy', import.meta.url);

describe('rules', () => {
  const files = readdirSync(FOLDER).filter((file) => file !== 'all-rules.ts' && file !== 'rule.ts');

  test.each(files)('%s exports one rule, which is run, and is called after its ID', async (file) => {
    const exported = (await import(`../../src/policy/${file.replace('.ts', '.js')}`)) as Record<string, Rule>;
    const [rule, ...others] = Object.values(exported);
    expect(others).toEqual([]);
    expect(RULES.filter((one) => one === rule)).toHaveLength(1);
    expect(`${rule?.id ?? ''}.ts`).toBe(file);
  });

  test('there are no others, and no ID is there twice', () => {
    expect(RULES).toHaveLength(files.length);
    expect(new Set(RULES.map(({ id }) => id)).size).toBe(RULES.length);
  });

  test.each(RULES.map((rule) => [rule.id, rule] as const))('%s says where it comes from and why', (id, rule) => {
    expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(rule.source.length).toBeGreaterThan(10);
    expect(rule.reason.length).toBeGreaterThan(20);
    expect(rule.reason).toMatch(/\.$/);
  });
});

describe('checkPolicy', () => {
  const signer = makeRoot({ asDomain: 'example.com', validity: { notBefore: AT - 10 * DAY, notAfter: AT - 1 } });
  const worst = issueProposal(
    {
      ciphersuite: 'p384-sha256',
      validity: { notBefore: AT - 60 * DAY, notAfter: AT + 300 * DAY },
      spoil: (signature) => signature.map((byte, i) => (i === 40 ? byte ^ 1 : byte)),
    },
    signer,
  );
  const context = {
    ...CONTEXT,
    newestSeconds: AT + 1,
    usedKeys: [
      {
        scheme: 'p384',
        publicKey: worst.candidate.payload.publicKey,
        holder: 'root-1',
        fingerprint: '00',
        asDomain: undefined,
      },
    ],
    issued: [{ selfSignedBytes: worst.request.encoded, holder: 'intermediate-1' }],
  };

  test('lists every finding at once, those with a code of the wire format first', () => {
    expect(findings(worst, context)).toEqual([
      'proof-of-possession: bad-self-signature',
      'validity-nesting: validity-not-nested',
      'signer-usable: expired',
      'domain: domain-mismatch',
      'request-reissue: policy',
      'fresh-key: policy',
      'lifetime-limit: policy',
      'ciphersuite-allowed: policy',
      'hash-strength: policy',
      'request-age: policy',
      'clock: policy',
    ]);
  });

  test('throws one error with all of them, and the first one to name it', () => {
    const all = findingsOf(worst, context);
    let thrown: unknown;
    try {
      checkPolicy(worst, context);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(CeremonyError);
    expect(thrown).toMatchObject({ kind: 'refused', code: 'bad-self-signature', findings: all, hint: all[0]?.hint });
    expect(String(thrown)).toContain(all[0]?.message);
    expect(String(thrown)).toContain('(and 10 more)');
  });

  test('a wire code that a later rule gives comes before what an earlier one says without', () => {
    const outlives = { validity: { notBefore: AT - 60, notAfter: AT + 100 * DAY } };
    const short = makeRoot({ validity: { notBefore: AT - 60, notAfter: AT + 99 * DAY } });
    const engines = [...CONTEXT.engines, { name: 'other', verify: () => false }];
    const order = findings(issueProposal(outlives, short), { engines, newestSeconds: AT + 1 });
    expect(order).toEqual([
      'validity-nesting: validity-not-nested',
      'proof-of-possession: engines-disagree',
      'clock: policy',
    ]);
    expect(order.map((one) => isWireCode(one.split(': ')[1] ?? ''))).toEqual([true, false, false]);
  });

  test('one finding alone, without a hint of more', () => {
    expect(() => checkPolicy(rootProposal(), { ...CONTEXT, newestSeconds: AT + 1 })).toThrow(
      /^(?!.*more\)).*clock says/,
    );
  });

  test('hands back the very proposal', () => {
    const good = issueProposal();
    expect(checkPolicy(good, CONTEXT)).toBe(good);
  });
});

test('signing takes nothing that checkPolicy has not handed out, in no context that mustBePlanned has not looked at', () => {
  const file = fileURLToPath(new URL('../../src/operations/not-checked.ts', import.meta.url));
  const head = `
    import { checkPolicy } from '../policy/all-rules.js';
    import type { PolicyContext, RootProposal } from '../policy/rule.js';
    import type { Signer } from '../signer/signer.js';
    import { signRoot } from './signing/sign-credential.js';
    import type { OperationContext, Planned } from './context/operation-context.js';
    declare const proposal: RootProposal, signer: Signer, context: PolicyContext, open: OperationContext, planned: Planned;`;
  const source = `${head}
    void signRoot(checkPolicy(proposal, context), signer, planned);
    void signRoot(proposal, signer, planned);
    void signRoot({ ...checkPolicy(proposal, context), checked: true } as RootProposal, signer, planned);
    void signRoot(checkPolicy(proposal, context), signer, open);`;
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts'],
    module: ts.ModuleKind.NodeNext,
    types: ['node'],
  };
  const host = ts.createCompilerHost(options);
  const readFile = host.readFile.bind(host);
  const fileExists = host.fileExists.bind(host);
  host.readFile = (name) => (name === file ? source : readFile(name));
  host.fileExists = (name) => name === file || fileExists(name);
  const getSourceFile = host.getSourceFile.bind(host);
  host.getSourceFile = (name, ...more) =>
    name === file ? ts.createSourceFile(name, source, ts.ScriptTarget.ES2022) : getSourceFile(name, ...more);
  const program = ts.createProgram([file], options, host);
  const faults = program.getSemanticDiagnostics(program.getSourceFile(file)).map(({ code, start }) => ({
    code,
    line: source.slice(0, start).split('\n').length - head.split('\n').length,
  }));
  // 2345: an argument of another type. The first call, in line 1, is fine.
  expect(faults).toEqual([
    { code: 2345, line: 2 },
    { code: 2345, line: 3 },
    { code: 2345, line: 4 },
  ]);
});
