"""UPN and ULN: check characters, by worked examples and by changing one character at a time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schoolgate.codes.upn import (
    LETTERS,
    UpnProblem,
    as_key,
    check_letter,
    check_upn,
    is_known_authority,
    is_permanent,
    is_temporary,
)

_SERIALS = st.from_regex(rf"\A[0-9]{{11}}[0-9{LETTERS}]\Z")


@pytest.mark.parametrize(
    "upn",
    [
        "B801200005001",
        "H801200001001",
        "P207000016049",
        "E330200024001",
        "A823405625999",
        "G880212021000",
        "Y941200020123",
        "D94310002300A",
        "N38040201900Z",
        "A20110001801T",
    ],
)
def test_takes_a_upn_whose_letter_fits(upn):
    assert check_upn(upn) is None


@pytest.mark.parametrize(
    ("upn", "problem"),
    [
        ("Q207000016049", UpnProblem.CHECK_LETTER),
        ("B801200005002", UpnProblem.CHECK_LETTER),
        ("D94310002300B", UpnProblem.CHECK_LETTER),
        ("I801200005001", UpnProblem.FORM),
        ("A20110001801S", UpnProblem.FORM),
        ("b801200005001", UpnProblem.FORM),
        ("B80120000500", UpnProblem.LENGTH),
        ("", UpnProblem.LENGTH),
        ("B8012 0000500", UpnProblem.FORM),
    ],
)
def test_says_what_is_wrong_with_a_upn(upn, problem):
    assert check_upn(upn) is problem


@given(_SERIALS)
def test_gives_the_letter_that_fits(rest):
    assert check_upn(check_letter(rest) + rest) is None


@given(_SERIALS, st.integers(0, 10), st.integers(1, 9))
def test_notices_one_wrong_digit_in_a_upn(rest, place, added):
    wrong = rest[:place] + str((int(rest[place]) + added) % 10) + rest[place + 1 :]
    assert check_upn(check_letter(rest) + wrong) is UpnProblem.CHECK_LETTER


@pytest.mark.parametrize(
    "typed", ["B801200005001", " b801200005001", "B801 2000 05001", "b801\u00a0200005001\n"]
)
def test_recognises_a_upn_however_it_was_typed(typed):
    assert as_key(typed) == "B801200005001"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "UNKNOWN",
        "0000000000000",
        "A000000000000",
        "F999999999999",
        "B801200005002",
        "B80120000500",
        "NONE",
    ],
)
def test_recognises_nobody_by_a_placeholder_or_a_slip(typed):
    assert as_key(typed) == ""
    assert not is_permanent(typed)
    assert not is_temporary(typed)


def test_tells_a_temporary_upn_and_a_strange_authority():
    assert is_temporary("D94310002300A")
    assert not is_permanent("D94310002300A")
    assert not is_temporary("B801200005001")
    assert is_permanent("B801200005001")
    assert is_known_authority("B801200005001")
    assert not is_known_authority("X099200005001")
