# zsh -f complete.zsh SCRIPT LINE…: what zsh offers after each line, between < and >, and END after each.
# Completion works at a terminal only: another zsh is given one, and sources this file too.
if [[ $1 == --inner ]]; then
  PROMPT= LISTMAX=9999
  autoload -Uz compinit
  compinit -u -D
  source $2
  compadd() {
    local -a hits
    if [[ ${@[1,(i)(-|--)]} != *-(O|A|D)\ * ]]; then
      builtin compadd -O hits "$@"
      (( $#hits )) && print -rl -- "" "<"${^hits}">"
    fi
    builtin compadd "$@"
  }
  finish() { BUFFER=; zle -I; print +END+; }
  zle -N finish
  bindkey '^I' list-choices
  bindkey '^T' finish
  print READY
  return
fi
zmodload zsh/zpty
zpty inner zsh -f -i
zpty -w inner "stty -echo; source ${(q)0:A} --inner ${(q)1}"
zpty -r inner out '*READY*'
for line in "${@[2,-1]}"; do
  zpty -w -n inner "$line"$'\t\024'
  zpty -r inner out '*+END+*'
  print -rl -- "${out//$'\r'/}" END
done
zpty -d inner
