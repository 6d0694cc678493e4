"""Whether a text can be the value of a connector's setting, told so that whoever typed it can mend it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from string import Formatter
from urllib.parse import urlsplit

from schoolgate.connectors.declarations import Assumption, Kind
from schoolgate.connectors.errors import UnusableSettingError

LONGEST = 300
YES, NO = "true", "false"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?", re.IGNORECASE)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]")


def check(declared: Assumption, value: str) -> None:
    """Refuse what the setting can't have; an empty text is never a value (it means the default)."""
    if not value.strip() or len(value) > LONGEST or _UNPRINTABLE.search(value):
        raise _refusal(declared, f"Enter a text of at most {LONGEST} characters.")
    if declared.kind in {Kind.NUMBER, Kind.WHOLE_NUMBER}:
        _check_number(declared, value)
    elif declared.kind is Kind.YES_OR_NO:
        if value not in {YES, NO}:
            raise _refusal(declared, "Choose yes or no.")
    elif declared.kind is Kind.ADDRESS:
        _check_address(declared, value)
    elif declared.kind is Kind.HOSTS:
        if not all(_HOST.fullmatch(each) for each in value.split()):
            raise _refusal(declared, "Give host names alone, without https:// and without a path.")
    else:
        _check_text(declared, value)


def _check_number(declared: Assumption, value: str) -> None:
    is_whole = declared.kind is Kind.WHOLE_NUMBER
    form = r"[0-9]{1,12}" if is_whole else r"[0-9]{1,9}(\.[0-9]{1,6})?"
    if not re.fullmatch(form, value) or not declared.least <= float(value) <= declared.most:
        what = "a whole number" if is_whole else "a number"
        raise _refusal(
            declared,
            f"Enter {what} from {declared.least:,.10g} to {declared.most:,.10g} {declared.unit}.".strip(),
        )


def _check_address(declared: Assumption, value: str) -> None:
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        raise _refusal(declared, "Enter an address that begins with https://.") from error
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    if not (is_safe and host) or parts.username or parts.query or parts.fragment or " " in value:
        raise _refusal(declared, "Enter an address that begins with https://, without a name or a query.")


def _check_text(declared: Assumption, value: str) -> None:
    allowed = {*declared.needs, *declared.may_have}
    try:
        places = list(_places(value))
    except ValueError as error:
        raise _refusal(declared, "Close every brace you open.") from error
    strange = [each for each in places if each not in allowed]
    if strange and (allowed or "{" in value):
        raise _refusal(declared, f"Use no other places in braces than {_listed(allowed)}.")
    missing = [each for each in declared.needs if each not in places]
    if missing:
        raise _refusal(declared, f"Leave {_listed(missing)} in it: it is filled in for each request.")
    if declared.is_a_date_format and not all(part in value for part in ("%Y", "%m", "%d")):
        raise _refusal(declared, "Write year, month and day as %Y, %m and %d.")
    if declared.is_a_date_format:
        _check_date_format(declared, value)


def _check_date_format(declared: Assumption, value: str) -> None:
    """What the machine can't write in this form, or would write in another, it can't be asked in."""
    example = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
    try:
        is_day_kept = datetime.strptime(example.strftime(value), value).date() == example.date()  # noqa: DTZ007
    except ValueError:
        is_day_kept = False
    if not is_day_kept:
        raise _refusal(declared, "Use %Y, %m, %d, %H, %M and %S, for example %Y-%m-%dT%H:%M:%SZ.")


def _places(value: str) -> Iterable[str]:
    """The names in braces; with an attribute, an index or a form they are as strange as any other."""
    for _, name, form, conversion in Formatter().parse(value):
        if name is not None:
            yield name if not form and not conversion else f"{name}:"


def _listed(names: Iterable[str]) -> str:
    found = sorted(names)
    return ", ".join(f"{{{each}}}" for each in found) if found else "none"


def _refusal(declared: Assumption, remedy: str) -> UnusableSettingError:
    return UnusableSettingError(f"This can't be the value of “{declared.label}”.", remedy, name=declared.name)
