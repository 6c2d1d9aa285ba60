#!/usr/bin/env bash
# Resolve the lock files: one resolution for every platform, every file with its hash, no host and no path inside.
# Arguments go to the resolver, such as --upgrade or --upgrade-package NAME.
set -euo pipefail
cd "$(dirname "$0")/.."

compile() {
  local target=$1
  shift
  uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
    --custom-compile-command "make lock" "$@" -o "$target"
  echo "$target: $(grep -c '==' "$target") packages"
}

compile requirements.lock "$@" --group build pyproject.toml
compile requirements-dev.lock "$@" --group build --group dev -c requirements.lock pyproject.toml
compile requirements-jdk.lock "$@" --group jdk
