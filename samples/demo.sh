#!/bin/sh
# A short walk through what ncco does. Every command is shown before its output, and the walk fails when a
# command ends in any other way than it should. Run it with `make demo`, or with `ncco` on the PATH.
set -eu

# All of it happens in a copy.
temp=$(mktemp -d)
emulator=
trap '[ -z "$emulator" ] || kill "$emulator" 2>/dev/null || true; rm -rf "$temp"' EXIT
cp -R "$(dirname "$0")" "$temp/samples"
cd "$temp"
# Whoever reads no further (make demo | head) has seen enough: the walk ends, and is no failure.
trap 'exit 0' PIPE

# The shell's own complaint about a closed pipe is not wanted.
put() { printf "$@" 2>/dev/null; }

say() { put '\n# %s\n' "$*"; }

# run EXIT COMMAND…: show the command, run it, insist on its exit code.
run() {
    expected=$1
    shift
    put '\n$'
    for word; do
        case $word in
            *' '*) put " '%s'" "$word" ;;
            *) put ' %s' "$word" ;;
        esac
    done
    put '\n'
    status=0
    "$@" || status=$?
    if [ "$status" -eq 141 ]; then
        exit 0
    fi
    if [ "$status" -ne "$expected" ]; then
        printf 'demo: `%s` ended with exit code %d, expected %d\n' "$*" "$status" "$expected" >&2
        exit 1
    fi
    if [ "$status" -ne 0 ]; then
        put '(exit code %d)\n' "$status"
    fi
}

say "A flow is written in words…"
run 0 cat samples/announcement/announcement.flow

say "…and compiles to the JSON that a phone call runs on."
run 0 ncco compile samples/announcement/announcement.flow

say "Its parameters take other values without touching the flow."
run 0 ncco compile samples/announcement/announcement.flow \
    -p notice="On Monday the pool is closed." -o monday.ncco.json
run 1 diff samples/announcement/announcement.ncco.json monday.ncco.json

say "The JSON that people write by hand is checked: this file has mistakes, each with what a caller would notice."
run 1 ncco check samples/handwritten/menu.json

say "Most of them have a fix. --diff shows it and leaves the file alone."
run 1 ncco check --diff samples/handwritten/menu.json

say "--fix makes them, here with those that may change what a caller hears. A note is left."
run 0 ncco check --fix --unsafe-fixes samples/handwritten/menu.json

say "From there it can go on as a flow."
run 0 ncco decompile samples/handwritten/menu.json

say "What does a caller hear? ncco plays the call: this one speaks for five seconds after the beep."
run 0 ncco play samples/voicemail/voicemail.flow --speak 5s

say "However a flow is typed, ncco fmt gives it the form that all flows have."
echo 'talk   "Hello."  {level :0.5;premium:true}; wait  1s' >hello.flow
run 1 ncco fmt --diff hello.flow

say "A new project has a profile that deploys to an emulator of the provider: no account is needed."
run 0 ncco init shop
cd shop
put '\n$ ncco emulate --documents out/documents &\n'
ncco emulate --port 0 --speed 50 --quiet --documents out/documents >emulator.log 2>&1 &
emulator=$!
tries=0
until grep -q '^emulating ' emulator.log; do
    tries=$((tries + 1))
    if [ "$tries" -gt 300 ] || ! kill -0 "$emulator" 2>/dev/null; then
        cat emulator.log >&2
        exit 1
    fi
    sleep 0.1
done
cat emulator.log
# Another port than the usual one, which somebody may be using.
address=$(sed -n 's|^emulating .* at http://\([^ ]*\).*|\1|p' emulator.log)
sed "s|127.0.0.1:4580|$address|g" ncco.toml >settled.toml
mv settled.toml ncco.toml

say "The plan tells what would happen. Nothing has happened yet."
run 0 ncco deploy --plan

say "Applied: the NCCO is put where the provider reads it, the application is made, the number leads to it."
run 0 ncco deploy --yes

say "A second deploy has nothing to do."
run 0 ncco deploy --yes

say "A telephone rings."
run 0 ncco call "+31 20 123 4568"

say "The flow changes, and the plan shows how, in the words of the flow."
sed 's/Thank you. Goodbye./Thank you. We call back tomorrow./' main.flow >changed.flow
mv changed.flow main.flow
run 4 ncco deploy --plan --detailed-exitcode
run 0 ncco deploy --yes

say "The old version is one command away."
run 0 ncco deploy --rollback --yes
run 0 ncco deploy --history
