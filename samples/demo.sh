#!/bin/sh
# A short demo of ncco. It prints every command before its output, and fails if a command has an unexpected exit code.
# Run it with `make demo`, or with `ncco` on the PATH.
set -eu

# Work in a copy.
temp=$(mktemp -d)
emulator= server= orders=
# Stop what runs beside the demo, also after a failure.
trap 'for each in $emulator $server $orders; do kill "$each" 2>/dev/null || true; done; rm -rf "$temp"' EXIT
cp -R "$(dirname "$0")" "$temp/samples"
cd "$temp"
# A closed pipe (make demo | head) ends the demo without a failure.
trap 'exit 0' PIPE

# Suppress the shell's own message about a closed pipe.
put() { printf "$@" 2>/dev/null; }

say() { put '\n# %s\n' "$*"; }

# run EXIT COMMAND…: print the command, run it, and check its exit code.
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

# await PID PATTERN LOG: wait until a process in the background has printed what it prints when it is ready; print its log.
await() {
    tries=0
    until grep -q "$2" "$3"; do
        tries=$((tries + 1))
        if [ "$tries" -gt 300 ] || ! kill -0 "$1" 2>/dev/null; then
            cat "$3" >&2
            exit 1
        fi
        sleep 0.1
    done
    cat "$3"
}

say "A flow is written in words…"
run 0 cat samples/announcement/announcement.flow

say "…and compiles to the JSON that a phone call runs on."
run 0 ncco compile samples/announcement/announcement.flow

say "Parameters take other values without a change to the flow."
run 0 ncco compile samples/announcement/announcement.flow \
    -p notice="On Monday the pool is closed." -o monday.ncco.json
run 1 diff samples/announcement/announcement.ncco.json monday.ncco.json

say "ncco checks hand-written JSON: each mistake in this file says what a caller would notice."
run 1 ncco check samples/handwritten/menu.json

say "Most of them have a fix. --diff shows the fixes and does not write them."
run 1 ncco check --diff samples/handwritten/menu.json

say "--fix makes them, here including those that may change what a caller hears. One note remains."
run 0 ncco check --fix --unsafe-fixes samples/handwritten/menu.json

say "The fixed NCCO can be turned into a flow."
run 0 ncco decompile samples/handwritten/menu.json

say "ncco plays a call and shows what the caller hears. This caller speaks for five seconds after the beep."
run 0 ncco play samples/voicemail/voicemail.flow --speak 5s

say "ncco fmt formats flows."
echo 'talk   "Hello."  {level :0.5;premium:true}; wait  1s' >hello.flow
run 1 ncco fmt --diff hello.flow

say "A new project has a profile that deploys to an emulator of the provider: no account is needed."
run 0 ncco init shop
cd shop
put '\n$ ncco emulate --documents out/documents &\n'
ncco emulate --port 0 --speed 50 --quiet --documents out/documents >emulator.log 2>&1 &
emulator=$!
await "$emulator" '^emulating ' emulator.log
# Use the emulator's port: the default one may be in use.
address=$(sed -n 's|^emulating .* at http://\([^ ]*\).*|\1|p' emulator.log)
sed "s|127.0.0.1:4580|$address|g" ncco.toml >settled.toml
mv settled.toml ncco.toml

say "The plan shows the changes and makes none."
run 0 ncco deploy --plan

say "Applied: ncco uploads the NCCO, creates the application, and links the number to it."
run 0 ncco deploy --yes

say "A second deploy changes nothing."
run 0 ncco deploy --yes

say "Place a test call."
run 0 ncco call "+31 20 123 4568"

say "The flow changes, and the plan shows the changed lines."
sed 's/Thank you. Goodbye./Thank you. We call back tomorrow./' main.flow >changed.flow
mv changed.flow main.flow
run 4 ncco deploy --plan --detailed-exitcode
run 0 ncco deploy --yes

say "One command restores the old version."
run 0 ncco deploy --rollback --yes
run 0 ncco deploy --history

say "A flow with a menu branches while the call goes on. Its tests are in the flow."
cp ../samples/front-desk/front-desk.flow main.flow
run 0 ncco test main.flow

say "ncco serve answers its calls. The profile says where it is reached."
# The server takes a free port, and so may the address of a profile that is on this machine.
sed -e 's|^base_url = "https://test.example.com"|base_url = "http://127.0.0.1:4590"|' -e '/^event_url = .*webhooks/d' \
    -e 's|^params = { company.*||' ncco.toml >settled.toml
mv settled.toml ncco.toml
put '\n$ ncco serve &\n'
ncco serve --port 0 --quiet >server.log 2>&1 &
server=$!
await "$server" '^serving ' server.log
served=$(sed -n 's|^serving .* at http://\(.*\)|\1|p' server.log)
sed "s|127.0.0.1:4590|$served|" ncco.toml >settled.toml
mv settled.toml ncco.toml

say "The deploy asks the server for its answer first. The document for callers without the server goes to the store."
run 0 ncco deploy --yes

say "A caller rings the emulated telephone number, and presses 0."
run 0 ncco call --inbound "+31 20 123 4567" --press 0 --from 31612345678 --at 2026-01-05T10:00 --transcript called.json

say "ncco play needs no server and no account, and its transcript is the same, byte for byte."
run 0 ncco play main.flow --press 0 --from 31612345678 --to 31201234567 --at 2026-01-05T10:00 --transcript played.json
run 0 cmp called.json played.json

say "A flow can ask for a number, look it up at a server of the business, and decide. Its tests answer the lookups."
run 0 ncco test --coverage ../samples/order-status

say "Here it asks a server that knows a few orders: samples/order-status/server.py."
put '\n$ uvicorn --app-dir samples/order-status server:app &\n'
uvicorn --app-dir ../samples/order-status --port 0 server:app >orders.log 2>&1 &
orders=$!
await "$orders" 'running on' orders.log
asked=$(sed -n 's|.* running on \(http://[0-9.:]*\).*|\1|p' orders.log)
sed "s|https://orders.example.com|$asked|" ../samples/order-status/order-status.flow >main.flow
# ncco serve looks up public addresses only, unless its settings name others.
printf '\n[serve]\nallow = ["127.0.0.1"]\n' >>ncco.toml
kill "$server"
wait "$server" 2>/dev/null || true
put '\n$ ncco serve &\n'
ncco serve --port "${served##*:}" --quiet >server.log 2>&1 &
server=$!
await "$server" '^serving ' server.log
run 0 ncco deploy --yes
run 0 ncco call --inbound "+31 20 123 4567" --press 200015 --press 0
