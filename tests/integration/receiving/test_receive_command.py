"""`schoolgate receive`: what it prints and how it ends, the first time and again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from tests import cast
from tests.landing import ADDRESS, land_bodies, message, pupil

from schoolgate.bases.models import Base
from schoolgate.commands import exits
from schoolgate.commands.receive import receive
from schoolgate.runs.models import Run

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _on_the_casts_day(monkeypatch: pytest.MonkeyPatch) -> None:
    cast.set_clock(monkeypatch)


def written(folder: Path, body: bytes) -> Path:
    """A file with these bytes."""
    path = folder / "message.xml"
    path.write_bytes(body)
    return path


def ended(path: Path, base: Base, *, as_json: bool) -> int:
    """The exit code of bringing a file whose run has ended, or that is refused."""
    with pytest.raises(typer.Exit) as done:
        receive(path, base=base.dfe_number, as_json=as_json)
    return done.value.exit_code


def test_says_that_a_file_waits_and_of_the_same_again_when_it_came(tmp_path, capsys):
    base = cast.base()
    path = written(tmp_path, message(base, pupil("twin one", address=ADDRESS)))
    receive(path, base=base.dfe_number, wait=False)
    assert capsys.readouterr().out == "The file is kept and will land.\n"
    receive(path, base=base.dfe_number, wait=False)
    said = "This message was received before, on 23 November 2026 at 08:30; nothing was changed.\n"
    assert capsys.readouterr().out == said
    receive(path, base=base.dfe_number, wait=False, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["planned"] == [Run.objects.get().pk]
    assert told["received_before"].startswith("2026-11-23T08:30:")


def test_tells_the_outcome_of_the_first_with_its_counts_and_exit_code(tmp_path, capsys):
    base = cast.base()
    body = message(base, pupil("twin one", address=ADDRESS))
    run = land_bodies(base, body)
    path = written(tmp_path, body)
    assert ended(path, base, as_json=False) == exits.OK
    said = capsys.readouterr().out
    assert "received before, on 23 November 2026 at 08:30; nothing was changed. This is what became" in said
    assert "Successfully Exported" in said
    assert ended(path, base, as_json=True) == exits.OK
    (told,) = json.loads(capsys.readouterr().out)["runs"]
    assert told["run"] == run.pk
    assert told["groups"]["address"]["written"] == 1


def test_says_why_a_file_is_not_taken_in(tmp_path, capsys):
    base = cast.base()
    assert ended(written(tmp_path, b""), base, as_json=False) == exits.FAILED
    assert capsys.readouterr().err.startswith("The file is empty. Choose the file again")
    assert ended(written(tmp_path, b""), base, as_json=True) == exits.FAILED
    assert json.loads(capsys.readouterr().out)["refused"]["code"] == "receiving.empty"
