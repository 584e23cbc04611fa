/** Makes the completion script of zsh. */
import type { DescribedArgument, DescribedOption, DescribedProgram } from './described.js';
import type { ValueKind } from './value-kinds.js';

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
/** Returns a text as it stands within a specification of _arguments. */
const escaped = (text: string): string => text.replace(/[\\:[\]]/g, '\\$&').replaceAll('\n', ' ');

const ACTIONS = { files: '_files', folders: '_files -/', 'key=files': '{ compset -P "*="; _files }' };

function action({ paths, words = [] }: ValueKind): string {
  if (paths === undefined) return words.length === 0 ? ' ' : `(${words.join(' ')})`;
  return words.length === 0 ? ACTIONS[paths] : `{ compadd -- ${words.join(' ')}; ${ACTIONS[paths]} }`;
}

/** Returns one for each name of an option; neither name goes with the other, unless the option repeats. */
function optionSpecs({ names, help, value, repeats }: DescribedOption): string[] {
  const apart = repeats ? '*' : `(${names.join(' ')})`;
  return names.map((name) => {
    const joined = value === undefined ? '' : name.startsWith('--') ? '=' : '+';
    const taken = value === undefined ? '' : `:${escaped(name.replace(/^-+/, ''))}:${action(value)}`;
    return quoted(`${apart}${name}${joined}[${escaped(help)}]${taken}`);
  });
}

function argumentSpec({ name, help, value, required, repeats }: DescribedArgument, i: number): string {
  const place = repeats ? '*:' : `${String(i + 1)}:${required ? '' : ':'}`;
  return quoted(`${place}${escaped(help || name)}:${action(value)}`);
}

export function zshScript({ options, names, commands }: DescribedProgram): string {
  const list = (items: readonly string[]): string => items.map((item) => `      ${item}\n`).join('');
  const parents = [...names].map(
    ([name, words]) =>
      `    ${name === '' ? "'' | help" : name}) names=(\n${list(words.map((row) => quoted(row.join(':'))))}    ) ;;`,
  );
  const own = commands.map(
    ({ name, options: taken, arguments: placed }) =>
      `    ${quoted(name)}) specs=(\n${list([...taken.flatMap(optionSpecs), ...placed.map(argumentSpec)])}    ) ;;`,
  );
  return `#compdef as-ceremony
# Completion of as-ceremony in zsh, made by: as-ceremony completion zsh
_as_ceremony_in() {
  local curcontext="$curcontext" state line context state_descr name=$1
  local -A opt_args
  local -a everywhere specs names
  everywhere=(
${list(options.flatMap(optionSpecs))}  )
  case $name in
${parents.join('\n')}
${own.join('\n')}
    *) return 1 ;;
  esac
  if (( ! $#names )); then
    _arguments -S $everywhere $specs
    return
  fi
  _arguments -C $everywhere '(-)1: :->name' '(-)*:: :->rest' && return
  case $state in
    name) _describe -t commands command names ;;
    rest) _as_ceremony_in "\${\${name:#help}:+$name }$words[1]" ;;
  esac
}
_as_ceremony() { _as_ceremony_in '' }
# As a file in fpath it is called at once; otherwise it was sourced.
if [[ $funcstack[1] == _as[_-]ceremony ]]; then _as_ceremony "$@"; else compdef _as_ceremony as-ceremony; fi
`;
}
