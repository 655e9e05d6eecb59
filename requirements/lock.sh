#!/bin/sh
# Write requirements/*.txt from requirements/*.in: all versions pinned, with the hash of each file, for all platforms and
# every Python from 3.11 on. Existing pins stay unless `--upgrade` is given.
#
#   requirements/lock.sh PATH-TO-UV [--upgrade]
set -eu

uv=$1
shift
cd "$(dirname "$0")"

# Each list uses the pins of the list it builds on, so installing one after the other into the same environment never
# replaces a package.
lock() {
    name=$1
    constraint=$2
    shift 2
    # --no-config and the cleared variables keep this machine's mirrors out of the result.
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-config --no-annotate --no-header --no-emit-index-url --no-emit-find-links \
        ${constraint:+--constraint "$constraint"} "$@" --output-file "$name.txt" "$name.in"
    # Our own header: uv's would repeat its command line with this machine's paths.
    {
        printf '# Written by `make lock` from %s.in; edit that file instead.\n' "$name"
        cat "$name.txt"
    } >"$name.tmp"
    mv "$name.tmp" "$name.txt"
}

lock runtime "" "$@"
lock build runtime.txt "$@"
lock tests build.txt "$@"
lock dev tests.txt "$@"
lock bench build.txt "$@"
lock lock "" "$@"
lock strict "" "$@"
