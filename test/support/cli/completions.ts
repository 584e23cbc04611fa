/** What a shell offers after a line, by a script that the program printed for it. */
import { fileURLToPath } from 'node:url';
import { run } from './cli.js';
import { mustSucceed } from './cli-authority.js';

export type Shell = 'bash' | 'zsh' | 'fish';

const ZSH = fileURLToPath(new URL('./complete.zsh', import.meta.url));

/** In `cwd`, where the program itself is not to be found; sorted, without what stands before `=`. */
export function completionsIn(
  shell: Shell,
  script: string,
  lines: readonly string[],
  cwd: string,
): ReadonlyMap<string, readonly string[]> {
  const ended = run(COMMANDS[shell](script, lines), { cwd, env: { HOME: cwd, PATH: '/usr/bin:/bin', TERM: 'xterm' } });
  const offered = mustSucceed(ended)
    .stdout.split(/^END$/m)
    .map((text) => Array.from(text.matchAll(/^<(.*)>$/gm), ([, word = '']) => plain(word)));
  return new Map(lines.map((line, i) => [line, [...new Set(offered[i])].sort()]));
}

function plain(word: string): string {
  return word
    .replaceAll('\\', '')
    .replace(/^-[^=]*=/, '')
    .replace(/\/$/, '');
}

const COMMANDS: Readonly<Record<Shell, (script: string, lines: readonly string[]) => readonly string[]>> = {
  bash: (script, lines) => {
    const called = lines.map((line) => {
      const words = line.split(' ').flatMap((word) => (word === '' ? [''] : brokenByReadline(word)));
      return `COMP_WORDS=(${words.map((word) => quoted(word)).join(' ')}); COMP_CWORD=${String(words.length - 1)}; offer`;
    });
    const offer =
      'offer() { _as_ceremony; for word in "${COMPREPLY[@]}"; do printf "<%s>\\n" "$word"; done; echo END; }';
    return ['bash', '--norc', '-c', [`source ${quoted(script)}`, offer, ...called].join('\n')];
  },
  zsh: (script, lines) => ['zsh', '-f', ZSH, script, ...lines],
  fish: (script, lines) => {
    const offer =
      'function offer; complete -C $argv | string replace -r "\\t.*" "" | string replace -r "(.*)" "<\\$1>"; echo END; end';
    return [
      'fish',
      '--no-config',
      '-c',
      `${offer}; source $argv[1]; for l in $argv[2..]; offer $l; end`,
      script,
      ...lines,
    ];
  },
};

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** As COMP_WORDBREAKS says. */
function brokenByReadline(word: string): readonly string[] {
  return word.split(/([=:]+)/).filter((part) => part !== '');
}
