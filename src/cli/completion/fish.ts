/** Makes the completion script of fish. */
import type { DescribedOption, DescribedProgram } from './described.js';
import type { ValueKind } from './value-kinds.js';

const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&').replaceAll('\n', ' ')}'`;

function values({ paths, words = [] }: ValueKind): string {
  const listed = [...words, ...(paths === 'folders' ? ['(__as_ceremony_folders)'] : [])];
  const offered = listed.length === 0 ? '' : ` -a ${quoted(listed.join(' '))}`;
  return `${paths === undefined || paths === 'folders' ? ' -f' : ' -F'}${offered}`;
}

function optionLine(condition: string, { names, help, value }: DescribedOption): string {
  const flags = names.map((name) => name.replace(/^(-?)-/, (_, long) => (long === '' ? '-s ' : '-l '))).join(' ');
  const taken = value === undefined ? '' : ` -r${values(value)}`;
  return `complete -c as-ceremony${condition} ${flags}${taken} -d ${quoted(help)}`;
}

export function fishScript({ options, valued, names, commands }: DescribedProgram): string {
  const at = (name: string, place = ''): string => ` -n ${quoted(`__as_ceremony_at ${quoted(name)}${place}`)}`;
  const lines = [
    ...[...names].flatMap(([name, words]) =>
      words.map(([word, summary]) => `complete -c as-ceremony${at(name, ' 1')} -a ${word} -d ${quoted(summary)}`),
    ),
    ...options.map((option) => optionLine('', option)),
    ...commands.flatMap(({ name, options: own, arguments: placed }) => [
      ...own.map((option) => optionLine(at(name), option)),
      ...placed.map(
        ({ value, repeats }, i) =>
          `complete -c as-ceremony${at(name, ` ${String(i + 1)}${repeats ? ' or more' : ''}`)}${values(value)}`,
      ),
    ]),
  ];
  return `# Completion of as-ceremony in fish, made by: as-ceremony completion fish
function __as_ceremony_at -d 'Whether this command was typed, and its argument of this number comes next'
    set -l name ''
    set -l place 1
    set -l takes 0
    set -l ended 0
    for word in (commandline -opc)[2..]
        if test $takes = 1
            set takes 0
        else if test $ended = 0; and string match -q -- '-*' $word
            contains -- $word ${valued.join(' ')}; and set takes 1
            test "$word" = --; and set ended 1
        else if contains -- "$name" ${[...names.keys()].map(quoted).join(' ')}
            test "$name $word" = ' help'; or set name (string trim -- "$name $word")
        else
            set place (math $place + 1)
        end
    end
    test "$name" = "$argv[1]"; or return 1
    test (count $argv) -lt 2; or test $place = $argv[2]; or test "$argv[3]" = or -a $place -gt $argv[2]
end
function __as_ceremony_folders -d 'Folders; with nothing after --dir=, fish would take that for a part of their names'
    if string match -qr -- '^--[^=]*=$' (commandline -ct)
        __fish_complete_directories ./ | string replace ./ ''
    else
        __fish_complete_directories
    end
end
complete -c as-ceremony -f
${lines.join('\n')}
`;
}
