/** Every command by name. Its file is loaded only if it is called. */
import { operationSpec, type SharedOperation } from '../../operations/registry/operations.js';
import type { CommandEntry } from '../program/command.js';

/** Returns the entry of a command that is also a step of ceremonies. */
function shared(name: SharedOperation, load: CommandEntry['load']): CommandEntry {
  return { name, summary: operationSpec(name).summary, load };
}

export const GROUPS: Readonly<Record<string, string>> = {
  root: 'AS root credentials',
  intermediate: 'intermediate AS credentials',
  request: 'requests, checked ahead of time',
  bundle: 'the signed bundle that clients trust',
  hsm: 'HSMs and their tokens (PKCS#11)',
  key: 'private keys',
  clock: 'the clock',
  transcript: 'transcripts, and the signatures of witnesses',
  ledger: 'all transcripts of an authority as one record',
};

export const COMMANDS: readonly CommandEntry[] = [
  { name: 'init', summary: 'begin a new authority in a folder', load: () => import('./authority/init.js') },
  shared('root generate', async () => (await import('./credentials/root-making.js')).rootMaking('root generate')),
  shared('root rotate', async () => (await import('./credentials/root-making.js')).rootMaking('root rotate')),
  shared('intermediate request', () => import('./credentials/intermediate-request.js')),
  shared('intermediate issue', () => import('./credentials/intermediate-issue.js')),
  {
    name: 'intermediate rotate',
    summary: 'make the successor of an intermediate, overlapping it',
    load: () => import('./credentials/intermediate-rotate.js'),
  },
  {
    name: 'request check',
    summary: 'check whether a request would be issued',
    load: () => import('./credentials/request-check.js'),
  },
  shared('revoke', () => import('./credentials/revoke.js')),
  shared('bundle export', () => import('./bundle/bundle-export.js')),
  {
    name: 'bundle prepare',
    summary: 'prepare the next bundle, for roots at several sites',
    load: () => import('./bundle/bundle-prepare.js'),
  },
  shared('bundle sign', () => import('./bundle/bundle-sign.js')),
  {
    name: 'bundle assemble',
    summary: 'join a prepared bundle and its signatures',
    load: () => import('./bundle/bundle-assemble.js'),
  },
  {
    name: 'bundle folder',
    summary: 'make the folder for the web server again, without signing',
    load: () => import('./bundle/bundle-folder.js'),
  },
  {
    name: 'bundle verify',
    summary: 'verify a bundle as a client does',
    load: () => import('./bundle/bundle-verify.js'),
  },
  {
    name: 'bundle diff',
    summary: 'show what changed between two bundles',
    load: () => import('./bundle/bundle-diff.js'),
  },
  {
    name: 'bundle published',
    summary: 'record that a bundle was published',
    load: async () => (await import('./bundle/bundle-mark.js')).bundleMark('bundle published'),
  },
  {
    name: 'bundle withdraw',
    summary: 'record that a bundle was never published',
    load: async () => (await import('./bundle/bundle-mark.js')).bundleMark('bundle withdraw'),
  },
  {
    name: 'bundle forged',
    summary: 'record a bundle that somebody else signed with a stolen root',
    load: () => import('./bundle/bundle-forged.js'),
  },
  { name: 'verify', summary: 'verify a credential and its chain', load: () => import('./credentials/verify.js') },
  {
    name: 'verify-message',
    summary: 'verify a message under a leaf credential',
    load: () => import('./credentials/verify-message.js'),
  },
  { name: 'inspect', summary: 'show what a credential file holds', load: () => import('./credentials/inspect.js') },
  {
    name: 'fingerprint',
    summary: 'show fingerprints as hex, words or QR',
    load: () => import('./credentials/fingerprint.js'),
  },
  {
    name: 'status',
    summary: 'show the state of the authority, and what is due',
    load: () => import('./authority/status.js'),
  },
  { name: 'hsm list', summary: "list this machine's modules and tokens", load: () => import('./keys/hsm-list.js') },
  shared('hsm check', () => import('./keys/hsm-check.js')),
  { name: 'hsm keys', summary: 'list the private keys in a token', load: () => import('./keys/hsm-keys.js') },
  {
    name: 'hsm init-token',
    summary: 'initialise a token, or erase one',
    load: () => import('./keys/hsm-init-token.js'),
  },
  shared('key verify', () => import('./keys/key-verify.js')),
  {
    name: 'key attach',
    summary: 'put a key on record again, beside its credential',
    load: () => import('./keys/key-attach.js'),
  },
  {
    name: 'key change-passphrase',
    summary: 'change the passphrase of a software key',
    load: () => import('./keys/key-change-passphrase.js'),
  },
  {
    name: 'key destroy',
    summary: 'destroy a key that nothing needs any longer',
    load: () => import('./keys/key-destroy.js'),
  },
  {
    name: 'clock recover',
    summary: 'recover from a wrong clock, on the word of two people',
    load: () => import('./authority/clock-recover.js'),
  },
  {
    name: 'plan',
    summary: 'turn a script into an exact plan, to approve and to print',
    load: () => import('./ceremony/plan.js'),
  },
  { name: 'run', summary: 'run a ceremony from its plan or its script', load: () => import('./ceremony/run.js') },
  { name: 'resume', summary: 'resume an interrupted ceremony', load: () => import('./ceremony/resume.js') },
  { name: 'rehearse', summary: 'run a ceremony with throw-away keys', load: () => import('./ceremony/rehearse.js') },
  {
    name: 'doctor',
    summary: 'check whether this machine is fit for a ceremony',
    load: () => import('./ceremony/doctor.js'),
  },
  {
    name: 'transcript verify',
    summary: 'verify a transcript, its files and its witnesses',
    load: () => import('./transcript/transcript-verify.js'),
  },
  {
    name: 'transcript sign',
    summary: "sign a finished transcript with a witness's SSH key",
    load: () => import('./transcript/transcript-sign.js'),
  },
  {
    name: 'transcript minutes',
    summary: 'make a page of what was planned and what was done, to print and sign',
    load: () => import('./transcript/transcript-minutes.js'),
  },
  {
    name: 'transcript evidence',
    summary: 'make the list that an auditor asks for, each row with the lines that show it',
    load: () => import('./transcript/transcript-evidence.js'),
  },
  {
    name: 'transcript show',
    summary: 'show a transcript in plain words',
    load: () => import('./transcript/transcript-show.js'),
  },
  {
    name: 'ledger verify',
    summary: 'check that every transcript is there, linked and unchanged',
    load: () => import('./transcript/ledger-verify.js'),
  },
  {
    name: 'ledger receive',
    summary: 'take over what another site recorded',
    load: () => import('./transcript/ledger-receive.js'),
  },
  {
    name: 'completion',
    summary: 'print what makes a shell complete commands, options and files',
    load: async () => (await import('./authority/completion.js')).completion({ commands: COMMANDS, groups: GROUPS }),
  },
];
