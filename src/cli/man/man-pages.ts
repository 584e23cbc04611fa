/** Makes the manual pages, in man(7): one of the program, and one of each command. `npm run man` writes them. */
import type { FOLDERS } from '../../authority/ground/layout.js';
import { COMMANDS, GROUPS } from '../commands/command-list.js';
import {
  describe,
  type DescribedArgument,
  type DescribedCommand,
  type DescribedOption,
  type DescribedProgram,
} from '../completion/described.js';
import { EXIT } from '../program/exit-status.js';

const ENVIRONMENT = {
  AS_CEREMONY_DIR: 'the authority directory, unless --dir names one',
  AS_CEREMONY_DEBUG: '1 shows where in the program an error came from',
  NO_COLOR: 'anything turns colours off',
  TERM: 'dumb turns colours off, and asks questions in plain lines',
  LC_ALL: 'with LC_CTYPE and LANG: whether the terminal shows UTF-8',
  PATH: 'where ssh-keygen is',
  XDG_STATE_HOME: 'where the program remembers the newest transcript of each authority (default: ~/.local/state)',
};
const FOLDER_FILES: Readonly<Record<(typeof FOLDERS)[number], string>> = {
  bundles: 'every bundle that was signed',
  credentials: 'roots and intermediates',
  keys: 'private keys in encrypted files, and where the others are',
  requests: 'requests that were made here',
  revocations: 'what was revoked',
  transcripts: 'one for every command that signed or changed something',
};
const FILES = [
  ['authority.yaml', 'the settings of an authority'],
  ['allowed_signers', 'whose SSH keys count'],
  ...Object.entries(FOLDER_FILES).map(([name, what]) => [`${name}/`, what] as const),
] as const;

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': 'e',
  '-': '-',
  "'": '(aq',
  '`': '(ga',
  '^': '(ha',
  '~': '(ti',
};

/** Returns a text in which roff finds neither an escape nor a request, and which it doesn't make typographic. */
function roff(text: string): string {
  return text
    .replaceAll('…', '...')
    .replace(/[\\\-'`^~]/g, (sign) => `\\${ESCAPES[sign] ?? ''}`)
    .replace(/[^\n -~]/gu, (sign) => `\\[u${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`)
    .replace(/^\./gm, '\\&.');
}

const bold = (text: string): string => `\\fB${roff(text)}\\fR`;
const italic = (text: string): string => `\\fI${roff(text)}\\fR`;
const item = (head: string, text: string): string => `.TP\n${head}\n${roff(text)}`;
const pageName = (command: string): string => ['as-ceremony', ...command.split(' ')].join('-');

function optionItem({ names, flags, help }: DescribedOption): string {
  const value = / (<.*>)$/.exec(flags)?.[1];
  return item(`${names.map(bold).join(', ')}${value === undefined ? '' : ` ${italic(value)}`}`, help);
}

function argumentWord({ name, required, repeats }: DescribedArgument): string {
  const word = `${italic(name)}${repeats ? ' ...' : ''}`;
  return required ? word : `[${word}]`;
}

/** Returns one page. `parts` are headings and what stands below them; one without content is left out. */
function page(
  name: string,
  about: { readonly summary: string; readonly version: string; readonly date: string },
  parts: readonly (readonly [string, readonly string[]])[],
): string {
  const head = `.TH "${name.toUpperCase()}" "1" "${about.date}" "as\\-ceremony ${about.version}" "User Commands"`;
  const all = [['NAME', [`${roff(name)} \\- ${roff(about.summary)}`]] as const, ...parts];
  const shown = all.filter(([, lines]) => lines.length > 0).map(([title, lines]) => [`.SH ${title}`, ...lines]);
  return `${[head, ...shown.flat()].join('\n')}\n`;
}

/** Returns all pages by file name. `date` is that of what was built, as YYYY-MM-DD. */
export async function manPages(version: string, date: string): Promise<ReadonlyMap<string, string>> {
  const program = await describe({ commands: COMMANDS, groups: GROUPS });
  const made = { version, date };
  return new Map([
    ['as-ceremony.1', programPage(program, made)],
    ...program.commands.map((one) => [`${pageName(one.name)}.1`, commandPage(one, made)] as const),
  ]);
}

function programPage(
  { summary, options, names, commands }: DescribedProgram,
  made: { readonly version: string; readonly date: string },
): string {
  const within = (parent: string): string[] =>
    commands
      .filter(({ name }) => name.split(' ').slice(0, -1).join(' ') === parent)
      .map(({ name, summary: what }) => item(`${bold(pageName(name))}(1)`, what));
  const table = (rows: readonly (readonly [string, string])[]): string[] =>
    rows.map(([name, what]) => item(bold(name), what));
  return page('as-ceremony', { ...made, summary: 'offline key ceremonies for an MLS authentication service' }, [
    ['SYNOPSIS', [`${bold('as-ceremony')} [${italic('option')} ...] ${italic('command')} [${italic('argument')} ...]`]],
    ['DESCRIPTION', [roff(summary)]],
    [
      'COMMANDS',
      [
        ...within(''),
        ...[...names.keys()]
          .filter((name) => name !== '')
          .flatMap((group) => [`.SS "${roff(`${group}: ${GROUPS[group] ?? ''}`)}"`, ...within(group)]),
      ],
    ],
    ['OPTIONS', [roff('They go with every command, and stand before or after it.'), ...options.map(optionItem)]],
    [
      'EXIT STATUS',
      table([
        ['0', 'done, or valid'],
        ...Object.values(EXIT).map(({ status, meaning }) => [String(status), meaning] as const),
      ]),
    ],
    ['ENVIRONMENT', table(Object.entries(ENVIRONMENT))],
    ['FILES', ['In the authority directory:', ...table(FILES)]],
  ]);
}

function commandPage(
  { name, summary, options, arguments: placed, remark }: DescribedCommand,
  made: { readonly version: string; readonly date: string },
): string {
  const words = [bold(`as-ceremony ${name}`), `[${italic('option')} ...]`, ...placed.map(argumentWord)];
  return page(pageName(name), { ...made, summary }, [
    ['SYNOPSIS', [words.join(' ')]],
    ['ARGUMENTS', placed.map((one) => item(argumentWord(one), one.help))],
    ['OPTIONS', options.map(optionItem)],
    ['NOTES', remark === '' ? [] : ['.nf', roff(remark), '.fi']],
    ['SEE ALSO', [`${bold('as-ceremony')}(1), for the options of every command, exit statuses and variables`]],
  ]);
}
