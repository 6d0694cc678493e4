"""What a connector's setting can be, whoever the vendor is."""

from __future__ import annotations

import pytest

from schoolgate.connectors.checking import check
from schoolgate.connectors.declarations import Assumption, Kind, Standing
from schoolgate.connectors.errors import UnusableSettingError


def declared(**more) -> Assumption:
    told = {"name": "it", "section": "", "label": "It", "effect": "", "fact": "", "default": "x"}
    return Assumption(**{**told, "standing": Standing.ASSUMED, **more})


NUMBER = declared(kind=Kind.WHOLE_NUMBER, least=5, most=90, unit="days")
PACE = declared(kind=Kind.NUMBER, least=0.1, most=10)
ADDRESS = declared(kind=Kind.ADDRESS)
HOSTS = declared(kind=Kind.HOSTS)
FILTER = declared(needs=("pupil", "start"), may_have=("end",))
MOMENT = declared(is_a_date_format=True)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        (NUMBER, "5"),
        (NUMBER, "90"),
        (PACE, "0.5"),
        (ADDRESS, "https://api.example/ssli01/"),
        (ADDRESS, "http://127.0.0.1:9000/ssli01"),
        (HOSTS, "a.example b.example:8443"),
        (FILTER, "{pupil} eq x and {start} ge y"),
        (FILTER, "{pupil} {start} {end} {{kept}}"),
        (MOMENT, "%d/%m/%Y"),
        (MOMENT, "%Y-%m-%dT%H:%M:%SZ"),
        (declared(kind=Kind.YES_OR_NO), "false"),
        (declared(), "@odata.count"),
    ],
)
def test_takes_what_fits(setting: Assumption, value: str) -> None:
    check(setting, value)


@pytest.mark.parametrize(
    ("setting", "value", "remedy"),
    [
        (NUMBER, "4", "from 5 to 90 days"),
        (NUMBER, "5.5", "a whole number"),
        (NUMBER, "soon", "a whole number"),
        (NUMBER, "-7", "a whole number"),
        (PACE, "inf", "a number"),
        (PACE, "1e9", "a number"),
        (ADDRESS, "http://api.example/", "begins with https://"),
        (ADDRESS, "https://user:word@api.example/", "without a name"),
        (ADDRESS, "https://api.example/?key=1", "without a name or a query"),
        (ADDRESS, "https://[", "begins with https://"),
        (ADDRESS, "javascript:alert(1)", "begins with https://"),
        (HOSTS, "https://a.example", "host names alone"),
        (FILTER, "{pupil} only", "Leave {start} in it"),
        (FILTER, "{pupil} {start} {secret}", "no other places in braces"),
        (FILTER, "{pupil.__class__} {pupil} {start}", "no other places in braces"),
        (FILTER, "{pupil!r} {pupil} {start}", "no other places in braces"),
        (FILTER, "{pupil} {start", "Close every brace"),
        (declared(), "{anything}", "no other places in braces"),
        (MOMENT, "%Y-%m", "year, month and day"),
        (MOMENT, "%Y%m%d%Q", "for example"),
        (declared(), "two\nlines", "at most 300"),
        (declared(), "  ", "at most 300"),
        (declared(), "x" * 301, "at most 300"),
        (declared(kind=Kind.YES_OR_NO), "perhaps", "yes or no"),
    ],
)
def test_refuses_what_does_not_and_says_what_would(setting: Assumption, value: str, remedy: str) -> None:
    with pytest.raises(UnusableSettingError) as refused:
        check(setting, value)
    assert remedy in refused.value.remedy
    assert (refused.value.code, refused.value.name) == ("connectors.setting", "it")
    assert "It" in refused.value.sentence
