"""Pages printed from the code are committed as the code prints them."""

from __future__ import annotations

import re
import subprocess
import sys

from tests.architecture.source import CHECKOUT


def test_finds_no_reference_page_stale():
    done = subprocess.run(
        [sys.executable, "tools/reference.py", "--check"], cwd=CHECKOUT, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_tells_every_refusal_with_its_sentence():
    done = subprocess.run(
        [sys.executable, "tools/refusals_reference.py"], cwd=CHECKOUT, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_keeps_the_pictures_that_a_page_shows_and_no_others():
    pages = [CHECKOUT / "README.md", *(CHECKOUT / "docs").rglob("*.md")]
    shown = {
        name
        for page in pages
        for name in re.findall(r"images/([\w-]+\.png)", page.read_text(encoding="utf-8"))
    }
    assert {path.name for path in (CHECKOUT / "docs/images").iterdir()} == shown
