"""Finds a Chromium for the browser tests, or borrows one; prints its path.

In order: the one SCHOOLGATE_TEST_CHROMIUM names, one that is there, Debian's package installed (as root),
Debian's package and what it needs unpacked into the data folder, where nothing else on the machine notices.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CHECKOUT = Path(__file__).resolve().parents[1]


def present(data_dir: Path) -> Path | None:
    """A Chromium that is there already and starts."""
    named = os.environ.get("SCHOOLGATE_TEST_CHROMIUM")
    borrowed = data_dir / "chromium" / "run"
    places = [named, *(shutil.which(name) for name in NAMES), str(borrowed) if borrowed.exists() else None]
    return next((Path(place) for place in places if place and starts(Path(place))), None)


def starts(program: Path) -> bool:
    """Whether it runs at all: asked for its version."""
    try:
        return (
            subprocess.run([program, "--version"], capture_output=True, timeout=60, check=False).returncode
            == 0
        )
    except (OSError, subprocess.TimeoutExpired):
        return False


def install_package() -> None:
    """As root: Debian's package, quietly."""
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=quiet, stdout=sys.stderr, check=False)
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-liberation"]
    subprocess.run(command, env=quiet, stdout=sys.stderr, check=False)


def borrow(data_dir: Path) -> None:
    """As an ordinary user: downloads the package and its missing needs, unpacks them, writes a starter."""
    folder = data_dir / "chromium"
    packages = folder / "packages"
    apt = own_apt(data_dir / "cache" / "apt")
    packages.mkdir(parents=True, exist_ok=True)
    subprocess.run(["apt-get", *apt, "-qq", "update"], stdout=sys.stderr, check=False)
    names = missing(apt)
    subprocess.run(["apt-get", *apt, "-q", "download", *names], cwd=packages, stdout=sys.stderr, check=False)
    for package in sorted(packages.glob("*.deb")):
        subprocess.run(["dpkg-deb", "-x", package, folder], check=True)
    shutil.rmtree(packages)
    starter = folder / "run"
    libraries = ":".join(str(path) for path in sorted(folder.glob("**/lib/*-linux-gnu*")))
    starter.write_text(
        "#!/bin/sh\n"
        f'export LD_LIBRARY_PATH="{libraries}:$LD_LIBRARY_PATH"\n'
        f'export XDG_DATA_DIRS="{folder}/usr/share:/usr/share"\n'
        f'exec "{folder}/usr/lib/chromium/chromium" --no-sandbox "$@"\n',
        encoding="utf-8",
    )
    starter.chmod(starter.stat().st_mode | stat.S_IXUSR)


def own_apt(folder: Path) -> list[str]:
    """Lets apt-get work without root: its lists and cache are ours, what is installed is the machine's."""
    for name in ("lists/partial", "archives/partial"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    places = {"Dir::State::lists": folder / "lists", "Dir::Cache": folder}
    options = [part for name, place in places.items() for part in ("-o", f"{name}={place}")]
    return [*options, "-o", "Debug::NoLocking=1", "-o", "APT::Sandbox::User="]


def missing(apt: list[str]) -> list[str]:
    """What an installation would add, as apt-get itself works it out without doing it."""
    command = ["apt-get", *apt, "-s", "install", "--no-install-recommends", "chromium", "fonts-liberation"]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return [line.split()[1] for line in said.splitlines() if line.startswith("Inst ")]


def main() -> int:
    """Prints the path of a Chromium; says plainly what is missing where none can be had."""
    data_dir = Path(os.environ.get("SCHOOLGATE_DATA_DIR") or CHECKOUT / "var").resolve()
    found = present(data_dir)
    if found is None and shutil.which("apt-get"):
        print("No Chromium here; getting Debian's.", file=sys.stderr)
        if os.geteuid() == 0:
            install_package()
        else:
            borrow(data_dir)
        found = present(data_dir)
    if found is None:
        print(
            "No Chromium was found and none could be had. Install Chromium or Google Chrome, or set "
            "SCHOOLGATE_TEST_CHROMIUM to its path; only the browser tests need it.",
            file=sys.stderr,
        )
        return 1
    print(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
