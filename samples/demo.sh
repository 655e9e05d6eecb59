#!/bin/sh
# A short walk through what ncco does. Every command is shown before its output, and the walk fails when a
# command ends in any other way than it should. Run it with `make demo`, or with `ncco` on the PATH.
set -eu
cd "$(dirname "$0")/.."

temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT

say() { printf '\n# %s\n' "$*"; }

# run EXIT COMMAND…: show the command, run it, insist on its exit code.
run() {
    expected=$1
    shift
    printf '\n$ %s\n' "$*"
    status=0
    "$@" || status=$?
    if [ "$status" -ne "$expected" ]; then
        printf 'demo: `%s` ended with exit code %d, expected %d\n' "$*" "$status" "$expected" >&2
        exit 1
    fi
    if [ "$status" -ne 0 ]; then
        printf '(exit code %d)\n' "$status"
    fi
}

say "A flow is written in words and compiles to the JSON that a phone call runs on."
run 0 cat samples/voicemail/voicemail.flow
run 0 ncco compile samples/voicemail/voicemail.flow

say "The JSON that people write by hand is checked: this file has mistakes, each with what a caller would notice."
run 1 ncco check samples/handwritten/menu.json

say "Most of them have a fix. --diff shows it and leaves the file alone."
run 1 ncco check --diff samples/handwritten/menu.json

say "In a copy, every fix is applied, the ones that may change what a caller hears too."
cp samples/handwritten/menu.json "$temp/menu.json"
cd "$temp"
run 0 ncco check --fix --unsafe-fixes menu.json
run 0 ncco check menu.json
