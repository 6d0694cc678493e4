"""What must never stand in the repository: addresses of package registries, paths of a machine, secrets."""

from __future__ import annotations

import re
import subprocess

from tests.architecture.source import CHECKOUT

# Put together here, so that this file names none either.
REGISTRY_HOSTS = re.compile(
    "|".join(("python" + "hosted", "registry" + r"\.npm", "registry" + r"\.yarn", "pypi" + r"\.org"))
)


def committed() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    return [name for name in listed.stdout.split("\0") if name and (CHECKOUT / name).is_file()]


def texts() -> list[tuple[str, str]]:
    found = []
    for name in committed():
        try:
            found.append((name, (CHECKOUT / name).read_text(encoding="utf-8")))
        except UnicodeDecodeError:  # a picture
            assert name.rpartition(".")[2] in {"png", "jpg", "ico", "gz", "woff2"}
    return found


def test_names_no_package_registry():
    assert not [name for name, text in texts() if REGISTRY_HOSTS.search(text)]


def test_locks_versions_and_hashes_without_addresses():
    for name in ("requirements.lock", "requirements-dev.lock", "requirements-bench.lock"):
        text = (CHECKOUT / name).read_text()
        assert "--hash=sha256:" in text
        assert "://" not in text
    assert '"resolved"' not in (CHECKOUT / "package-lock.json").read_text()


def test_holds_no_path_of_one_machine():
    here = str(CHECKOUT)
    assert not [name for name, text in texts() if f"{here}/" in text]
