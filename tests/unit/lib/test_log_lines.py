"""What a log says of an exception."""

from __future__ import annotations

import logging
import sys

from schoolgate.lib.log_lines import QuietFormatter
from schoolgate.lib.sealed import SealBroken

CHILD = "Zoë O'Hara, born 2015-03-01"


def line_for(raising) -> str:
    try:
        raising()
    except (ValueError, SealBroken):
        record = logging.LogRecord(
            "room", logging.ERROR, __file__, 1, "room.subject.failed", None, sys.exc_info()
        )
    return QuietFormatter().format(record)


def refuse():
    raise ValueError(CHILD)


def refuse_because():
    try:
        refuse()
    except ValueError as error:
        raise SealBroken("a sentence of our own") from error


def test_tells_kind_and_place_but_not_the_words_of_others():
    line = line_for(refuse)
    assert "builtins.ValueError" in line
    assert "in refuse" in line
    assert "Zoë" not in line


def test_tells_our_own_sentence_and_what_led_to_it():
    line = line_for(refuse_because)
    assert "SealBroken: a sentence of our own" in line
    assert line.index("ValueError") < line.index("SealBroken")
    assert "Zoë" not in line
