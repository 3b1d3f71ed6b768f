# Sourced by the scripts of this project: how they speak, and how they show that a long step lives.
# shellcheck shell=bash

if [[ -t 1 && -z ${NO_COLOR:-} ]]; then
  bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' green=$'\e[32m' plain=$'\e[0m'
else
  bold='' dim='' red='' green='' plain=''
fi

heading() { printf '%s==> %s%s\n' "$bold" "$*" "$plain"; }
say() { printf '    %s\n' "$*"; }
die() {
  printf '%s%s: %s%s\n' "$red" "${0##*/}" "$*" "$plain" >&2
  exit 1
}
die_usage() {
  printf '%s: %s\nTry: %s --help\n' "${0##*/}" "$*" "$0" >&2
  exit 2
}

# show_usage SCRIPT: the comment at the head of the script, which is its manual.
show_usage() { sed -n '2,/^[^#]/{/^#/s/^# \{0,1\}//p}' "$1"; }

# The last line of a growing log, short enough for one row.
last_line() {
  local columns=${COLUMNS:-80}
  tail -c 400 "$1" 2>/dev/null | tr '\r' '\n' | grep -v '^[[:space:]]*$' | tail -n 1 |
    cut -c "1-$((columns - 30))"
}

# One row that renews itself on a terminal; a line every four seconds where output is kept.
show_ticks() { # LABEL LOG PARENT
  local started=$SECONDS
  while sleep 1 && kill -0 "$3" 2>/dev/null; do
    local elapsed=$((SECONDS - started))
    if [[ -t 1 ]]; then
      printf '\r\e[K    %s%s  %ss  %s%s' "$dim" "$1" "$elapsed" "$(last_line "$2")" "$plain"
    elif ((elapsed % 4 == 0)); then
      say "$1  ${elapsed}s  $(last_line "$2")"
    fi
  done
}

# The part of a failed step's log that tells why: from the first error on, or its end.
show_failure() { # LOG
  local first
  first=$(grep -nE '^FAILED:|(^|[ :])(fatal )?error:|^CMake Error|^E: ' "$1" | head -n 1 |
    cut -d: -f1) || true
  if [[ -n $first ]]; then
    tail -n "+$first" "$1" | head -n 60 >&2
  else
    tail -n 40 "$1" >&2
  fi
  printf '    the whole log: %s\n' "$1" >&2
}

# run_logged LABEL LOG COMMAND...: runs the command with its output in the log, shows that it
# lives, says how long it took; on failure shows the reason and answers the command's status.
run_logged() {
  local label=$1 log=$2 started=$SECONDS status=0 ticker
  shift 2
  mkdir -p "$(dirname "$log")"
  : >"$log"
  show_ticks "$label" "$log" "$$" 2>/dev/null &
  ticker=$!
  "$@" >"$log" 2>&1 || status=$?
  kill "$ticker" 2>/dev/null || true
  wait "$ticker" 2>/dev/null || true
  [[ ! -t 1 ]] || printf '\r\e[K'
  if ((status == 0)); then
    say "$label: ${green}done${plain} in $((SECONDS - started)) s"
  else
    say "$label: ${red}failed${plain} after $((SECONDS - started)) s"
    show_failure "$log"
  fi
  return "$status"
}
