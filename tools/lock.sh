#!/usr/bin/env bash
# Writes the lock files from pyproject.toml: versions and hashes, no addresses to download from.
set -euo pipefail
cd "$(dirname "$0")/.."
.venv/bin/python -m pip install --quiet uv
write() {
    local name="$1"
    shift
    .venv/bin/uv pip compile pyproject.toml "$@" --universal --generate-hashes --no-header --no-annotate \
        --no-emit-index-url --quiet --output-file "$name"
}
write requirements.lock
write requirements-dev.lock --extra dev
write requirements-bench.lock --extra dev --extra bench
npm install --package-lock-only --silent
