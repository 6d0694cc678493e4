"""Values become typed ones, and no thread ever meets a type half done."""

from __future__ import annotations

import gc
import subprocess
import sys
from textwrap import dedent

import msgspec
import pytest

from schoolgate.lib.convert import converter


class Street(msgspec.Struct, frozen=True):
    """Half of a type of two parts."""

    name: str
    number: int = 0


class House(msgspec.Struct, frozen=True):
    """The other half."""

    street: Street


def is_worked_out(kind: type) -> bool:
    return any(type(each).__name__ == "StructInfo" for each in gc.get_referents(kind))


def test_converts_and_refuses_as_the_type_says():
    house_from = converter(House)
    assert house_from({"street": {"name": "Ash Grove", "number": 4}}) == House(Street("Ash Grove", 4))
    with pytest.raises(msgspec.ValidationError):
        house_from({"street": {"name": "Ash Grove", "number": "4"}})
    assert converter(House, is_strict=False)({"street": {"name": "", "number": "4"}}) == House(Street("", 4))


def test_has_a_type_worked_out_when_the_converter_is_made():
    class Gate(msgspec.Struct):
        house: House

    assert not is_worked_out(Gate)
    converter(Gate)
    assert is_worked_out(Gate)


def test_lives_through_two_threads_that_convert_at_once():
    """In a process of its own: what it is about ends a process, and not with an exception."""
    race = """
        import threading, time
        import msgspec
        from schoolgate.lib.convert import converter

        def slowly():
            time.sleep(0.2)
            return int

        class Inner(msgspec.Struct):
            number: "slowly()"

        class Outer(msgspec.Struct):
            inner: Inner
            name: str

        convert = converter(Outer)
        threads = [
            threading.Thread(target=lambda: convert({"name": "a", "inner": {"number": 1}})) for _ in range(4)
        ]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        print("lived")
    """
    done = subprocess.run([sys.executable, "-c", dedent(race)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "lived\n"), done.stderr
