"""What an installation is told from outside: every environment variable Schoolgate reads, declared once.

`docs/reference/settings.md` is printed from this list. A secret may be given as `NAME_FILE`, a path to a
file that holds it, so that it need not stand in the environment.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class MissingSetting(Exception):
    """A setting without which Schoolgate can't start; the sentence says how to give it."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One environment variable: its name, what it is for and what holds when it is not given."""

    name: str
    meaning: str
    default: str = ""
    is_secret: bool = False
    hint: str = ""


SETTINGS: tuple[Setting, ...] = (
    Setting(
        name="SECRET_KEY",
        meaning="Signs sessions and forms. At least 50 random characters.",
        is_secret=True,
        hint="make one with `python3 -c 'import secrets; print(secrets.token_urlsafe(64))'`",
    ),
    Setting(
        name="SCHOOLGATE_ENCRYPTION_KEYS",
        meaning="Keys for secrets at rest: `id:base64key`, separated by commas, each key 32 bytes. "
        "The first encrypts, all decrypt; put a new one in front to change keys.",
        is_secret=True,
        hint="make one with "
        '`python3 -c \'import base64, secrets; print("k1:" + '
        "base64.b64encode(secrets.token_bytes(32)).decode())'`",
    ),
    Setting(
        name="DATABASE_URL",
        meaning="A PostgreSQL server, version 15 or newer: `postgresql://user:password@host:5432/name`. "
        "Without it Schoolgate runs its own PostgreSQL inside the data folder.",
        is_secret=True,
    ),
    Setting(
        name="SCHOOLGATE_DATA_DIR",
        meaning="The data folder: the embedded PostgreSQL with everything that was received, temporary "
        "files and, in a demo, its keys.",
        default="./var",
    ),
    Setting(
        name="SCHOOLGATE_DEMO",
        meaning="`1` makes this a demo: keys are made in the data folder, passwords alone sign in, "
        "and only this machine can reach it.",
        default="0",
    ),
    Setting(
        name="SCHOOLGATE_DEMO_CLOCK_AHEAD",
        meaning="How many seconds a demo's clock is ahead of the machine's (behind, where negative), for "
        "pretend schools that live on another day. An installation in earnest takes no notice of it.",
        default="0",
    ),
    Setting(
        name="SCHOOLGATE_PUBLIC_URL",
        meaning="The address officers type, beginning with `https://`. Several are separated by commas.",
        hint="for example https://b2b.example.gov.uk",
    ),
    Setting(
        name="SCHOOLGATE_SOURCE_HOSTS",
        meaning="Hosts besides its own to which the pages of a MIS's source may lead, where the supplier "
        "says so: `mis:host`, separated by commas, as the page System, Connections writes it. Tokens and "
        "keys are sent there. Every worker needs it.",
    ),
    Setting(
        name="SCHOOLGATE_LOG_LEVEL",
        meaning="How much is logged: DEBUG, INFO, WARNING or ERROR.",
        default="INFO",
    ),
    Setting(
        name="SCHOOLGATE_OIDC_NAME",
        meaning="The name on the button of your single sign-on, for example `Anytown sign-in`.",
        default="Single sign-on",
    ),
    Setting(
        name="SCHOOLGATE_OIDC_SERVER_URL",
        meaning="The OpenID Connect provider (Entra ID, DfE Sign-in …). Without it people sign in with a "
        "password and a second factor.",
    ),
    Setting(
        name="SCHOOLGATE_OIDC_CLIENT_ID",
        meaning="What the provider calls this installation.",
        hint="copy it from the application you registered with your provider",
    ),
    Setting(
        name="SCHOOLGATE_OIDC_CLIENT_SECRET",
        meaning="The secret that goes with the client id.",
        is_secret=True,
        hint="copy it from the application you registered with your provider",
    ),
)

_BY_NAME = {setting.name: setting for setting in SETTINGS}


def read(name: str, *, environ: Mapping[str, str] | None = None) -> str:
    """The value of a declared setting, or its default; a secret may come from the file `NAME_FILE` names."""
    setting = _BY_NAME[name]
    given = os.environ if environ is None else environ
    path = given.get(f"{name}_FILE", "")
    if setting.is_secret and path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise MissingSetting(
                f"{name}_FILE names {path}, which can't be read: {error.strerror}."
            ) from error
    return given.get(name, "") or setting.default


def require(name: str, *, environ: Mapping[str, str] | None = None) -> str:
    """Like `read`, and refuses an absent value with a sentence that says how to give one."""
    value = read(name, environ=environ)
    if not value:
        setting = _BY_NAME[name]
        file_form = f" or {name}_FILE" if setting.is_secret else ""
        hint = f" ({setting.hint})" if setting.hint else ""
        raise MissingSetting(f"{name} is not set. {setting.meaning} Set {name}{file_form}{hint}.")
    return value


def is_on(name: str, *, environ: Mapping[str, str] | None = None) -> bool:
    """Whether a yes-or-no setting says yes."""
    return read(name, environ=environ).strip().lower() in {"1", "true", "yes", "on"}
