"""Prints the reference pages that are made from the code; `--check` ends with an error when one is stale.

python tools/reference.py           write docs/reference/…
python tools/reference.py --check   compare only
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from connector_reference import connector_page
from data_reference import NOTE, code_sets_page, data_items_page
from message_reference import message_page
from promises_reference import promises_page
from refusals_reference import refusals_page
from schoolgate.commands import exits
from schoolgate.commands.registry import COMMANDS
from schoolgate.config.environment import SETTINGS
from schoolgate.connectors.registry import CONNECTORS
from schoolgate_message.schema import FILE_NAMES, schema_text
from states_reference import states_page

CHECKOUT = Path(__file__).resolve().parents[1]


def settings_page() -> str:
    """Every environment variable."""
    rows = ["| Name | Meaning | Default |", "|---|---|---|"]
    for setting in SETTINGS:
        file_form = f" or `{setting.name}_FILE`" if setting.is_secret else ""
        default = f"`{setting.default}`" if setting.default else ""
        rows.append(f"| `{setting.name}`{file_form} | {setting.meaning} | {default} |")
    intro = (
        "# Settings\n\nSchoolgate is configured by its environment and nothing else. A name with `_FILE` is "
        "the path of a file that holds the value, for systems that hand out secrets as files.\n\n"
    )
    return NOTE + intro + "\n".join(rows) + "\n"


def commands_page() -> str:
    """Every command and every exit code."""
    lines = [
        "# Commands",
        "",
        "`schoolgate COMMAND --help` explains each.",
        "",
        "| Command | What it does |",
        "|---|---|",
    ]
    lines += [f"| `{each.name}` | {each.sentence} |" for each in COMMANDS if not each.is_hidden]
    lines += ["", "## Exit codes", "", "| Code | Meaning |", "|---|---|"]
    words = Path(exits.__file__).read_text(encoding="utf-8").split('"""')[3::2]
    codes = [value for name, value in vars(exits).items() if name.isupper()]
    lines += [f"| {code} | {' '.join(word.split())} |" for code, word in zip(codes, words, strict=True)]
    return NOTE + "\n".join(lines) + "\n"


def _connector_pages() -> dict[str, Callable[[], str]]:
    return {
        f"docs/reference/connectors/{mis}.md": partial(connector_page, connector)
        for mis, connector in CONNECTORS.items()
    }


PAGES: dict[str, Callable[[], str]] = {
    "docs/reference/settings.md": settings_page,
    "docs/reference/commands.md": commands_page,
    "docs/reference/data-items.md": data_items_page,
    "docs/reference/code-sets.md": code_sets_page,
    "docs/reference/b2b-message.md": message_page,
    "docs/reference/promises.md": promises_page,
    "docs/reference/refusals.md": refusals_page,
    "docs/reference/states.md": states_page,
    **{f"docs/reference/{name}": partial(schema_text, version) for version, name in FILE_NAMES.items()},
    **_connector_pages(),
}


def main(arguments: list[str]) -> int:
    """Writes or compares every page."""
    stale = []
    for name, page in PAGES.items():
        path, text = CHECKOUT / name, page()
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in arguments:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(f"wrote {name}")
    if "--check" in arguments and stale:
        print("Stale, run `make docs`: " + ", ".join(stale))
        return 1
    return 0


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tools.checking_settings")
    sys.path.insert(0, str(CHECKOUT))
    sys.exit(main(sys.argv[1:]))
