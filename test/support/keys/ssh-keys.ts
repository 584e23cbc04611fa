/** SSH keys of people, made by the real ssh-keygen without a passphrase unless one is given. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Ended, run } from '../cli/cli.js';
import { mustSucceed } from '../cli/cli-authority.js';
import { hasTool, testWhere } from '../machine/tools.js';

export interface SshKey {
  /** Of the private key; `.pub` behind it is the public one. */
  readonly file: string;
  /** Type and key, as a line of allowed_signers ends. */
  readonly publicKey: string;
}

export function makeSshKey(folder: string, name: string, type = 'ed25519', passphrase = ''): SshKey {
  const file = join(folder, name);
  mustSucceed(run(['ssh-keygen', '-q', '-t', type, '-N', passphrase, '-C', name, '-f', file]));
  return { file, publicKey: readFileSync(`${file}.pub`, 'utf8').split(' ').slice(0, 2).join(' ') };
}

/** `content` signed by a key in a namespace, as a person does it by hand. */
export function signByHand(key: SshKey, namespace: string, content: string | Uint8Array): Uint8Array {
  const { status, stdout, stderr } = spawnSync('ssh-keygen', ['-Y', 'sign', '-f', key.file, '-n', namespace], {
    input: content,
  });
  if (status !== 0) throw new Error(`ssh-keygen: ${stderr.toString()}`);
  return new Uint8Array(stdout);
}

/** Lines of `[principal, options, key]`. */
export function writeAllowedSigners(
  path: string,
  lines: readonly (readonly [principal: string, key: SshKey, options?: string])[],
): string {
  writeFileSync(path, allowedSigners(lines));
  return path;
}

export function allowedSigners(
  lines: readonly (readonly [principal: string, key: SshKey, options?: string])[],
): string {
  return lines.map(([principal, { publicKey }, options = '']) => `${principal} ${options} ${publicKey}\n`).join('');
}

/** Runs `action` while an agent holds these keys; SSH_AUTH_SOCK is given to it. */
export function withAgent(keys: readonly SshKey[], folder: string, action: (socket: string) => Ended): Ended {
  const socket = join(folder, 'agent.sock');
  const { stdout } = mustSucceed(run(['ssh-agent', '-s', '-a', socket]));
  const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(stdout)?.[1]);
  try {
    for (const { file } of keys) mustSucceed(run(['ssh-add', '-q', file], { env: { SSH_AUTH_SOCK: socket } }));
    return action(socket);
  } finally {
    process.kill(pid);
  }
}

/** A test that needs OpenSSH. */
export function sshTest(name: string, action: () => void | Promise<void>, timeout = 120_000): void {
  testWhere(hasTool('ssh-keygen'), 'ssh-keygen', name, action, timeout);
}
