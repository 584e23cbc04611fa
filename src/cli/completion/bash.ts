/** Makes the completion script of bash. */
import type { DescribedProgram } from './described.js';
import type { ValueKind } from './value-kinds.js';

export function bashScript({ options, valued, names, commands }: DescribedProgram): string {
  const flags = (list: typeof options): string => list.flatMap((one) => one.names).join(' ');
  const parents = [...names.keys()].map((name) => (name === '' ? "''" : name)).join(' | ');
  return `# Completion of as-ceremony in bash, made by: as-ceremony completion bash
_as_ceremony() {
  local -a line=()
  local i word glue= whole
  # readline breaks words at = and : as well.
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ $word =~ ^[=:]+$ && \${#line[@]} -gt 0 ]]; then line[-1]+=$word glue=1
    elif [[ $glue ]]; then line[-1]+=$word glue=
    else line+=("$word"); fi
  done
  whole=\${line[-1]}
  unset 'line[-1]'
  word=\${COMP_WORDS[COMP_CWORD]}
  [[ $word =~ ^[=:]+$ ]] && word=
  local kept=\${whole%"$word"} current=$whole before= command= option= place=1 ended=
  for word in "\${line[@]}"; do
    if [[ $option ]]; then option=
    elif [[ $ended || $word != -* ]]; then
      case $command in
        ${parents}) [[ "$command $word" == ' help' ]] || command+=\${command:+ }$word ;;
        *) ((place++)) ;;
      esac
    else
      case $word in
        --) ended=1 ;;
        ${valued.join(' | ')}) option=$word ;;
      esac
    fi
  done
  local words= paths= what=place
  if [[ $option ]]; then what=value
  elif [[ ! $ended && $current == --*=* ]]; then
    option=\${current%%=*} before=$option= current=\${current#*=} what=value
  elif [[ ! $ended && $current == -* ]]; then what=option; fi
  case $what:$command in
${[...names].map(([name, list]) => `    place:${name}) words='${list.map(([word]) => word).join(' ')}' ;;`).join('\n')}
${commands
  .filter((command) => command.options.length > 0)
  .map(({ name, options: own }) => `    option:'${name}') words='${flags(own)}' ;;`)
  .join('\n')}
  esac
  [[ $what == option ]] && words+=' ${flags(options)}'
  [[ $what == place ]] || place=$option
  case $command:$place in
${arms(options, commands).join('\n')}
  esac
  if [[ $paths == key=files && $current == *=* ]]; then before+=\${current%%=*}= current=\${current#*=}; fi
  # Readline quotes what is chosen; until then a quote and backslashes are only typed.
  if [[ $paths ]]; then current=\${current#[\\"\\']} current=\${current//\\\\/}; fi
  COMPREPLY=()
  local found
  while IFS= read -r found; do
    found=$before$found
    COMPREPLY+=("\${found#"$kept"}")
  done < <(
    compgen -W "$words" -- "$current"
    case $paths in
      folders) compgen -d -- "$current" ;;
      ?*) compgen -f -- "$current" ;;
    esac
  )
  [[ $paths ]] && compopt -o filenames 2>/dev/null
  return 0
}
complete -F _as_ceremony as-ceremony
`;
}

/** Returns the arms of a case: one for each kind of value, with all the options and places that take it. */
function arms(options: DescribedProgram['options'], commands: DescribedProgram['commands']): string[] {
  const patterns = new Map<string, string[]>();
  const add = (pattern: string, { paths, words = [] }: ValueKind = {}): void => {
    const set = [...(paths ? [`paths=${paths}`] : []), ...(words.length > 0 ? [`words='${words.join(' ')}'`] : [])];
    const body = set.join(' ');
    if (body !== '') patterns.set(body, [...(patterns.get(body) ?? []), pattern]);
  };
  for (const { names, value } of options) for (const name of names) add(`*:${name}`, value);
  for (const command of commands) {
    for (const { names, value } of command.options) for (const name of names) add(`'${command.name}:${name}'`, value);
    command.arguments.forEach(({ value, repeats }, i) => {
      add(repeats ? `'${command.name}:'[${String(i + 1)}-9]*` : `'${command.name}:${String(i + 1)}'`, value);
    });
  }
  return [...patterns].map(([body, list]) => `    ${list.join(' | ')}) ${body} ;;`);
}
