"""The command line before it does anything."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from schoolgate.commands import exits
from schoolgate.commands.registry import COMMANDS
from schoolgate.commands.worker import (
    FIRST_PAUSE,
    LONGEST_PAUSE,
    LONGEST_WITHOUT_DATABASE,
    STEADY_SECONDS,
    Pause,
)


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    bare = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "COLUMNS": "100", **environment}
    command = [sys.executable, "-m", "schoolgate.commands.main", *arguments]
    return subprocess.run(command, env=bare, capture_output=True, text=True)


@pytest.mark.parametrize("name", [command.name for command in COMMANDS if not command.passes_on])
def test_explains_every_command_on_a_machine_where_nothing_is_set_up(name, tmp_path):
    said = run(name, "--help", SCHOOLGATE_DATA_DIR=str(tmp_path / "data"))
    assert said.returncode == exits.OK, said.stderr
    assert f"schoolgate {name}" in said.stdout
    assert not (tmp_path / "data").exists()


def test_stops_with_one_sentence_when_a_setting_is_missing(tmp_path):
    said = run("status", SCHOOLGATE_DATA_DIR=str(tmp_path))
    assert said.returncode == exits.NOT_CONFIGURED
    assert said.stderr.startswith("SECRET_KEY is not set.")
    assert "Traceback" not in said.stderr


def test_says_that_the_database_is_away(tmp_path):
    said = run(
        "status",
        SCHOOLGATE_DATA_DIR=str(tmp_path),
        SCHOOLGATE_DEMO="1",
        DATABASE_URL="postgresql://nobody:pw@127.0.0.1:1/none",
    )
    assert said.returncode == exits.NO_DATABASE
    assert "doctor" in said.stderr
    assert "pw" not in said.stderr


def test_serves_a_demo_to_this_machine_only(tmp_path):
    url = os.environ["DATABASE_URL"]
    said = run(
        "serve", "--host", "0.0.0.0", SCHOOLGATE_DATA_DIR=str(tmp_path), SCHOOLGATE_DEMO="1", DATABASE_URL=url
    )
    assert said.returncode == exits.USAGE
    assert "only this machine" in said.stderr


def test_waits_longer_after_each_short_life_and_begins_again_after_a_steady_one():
    pause = Pause()
    pauses = [pause.after(lived=0) for _ in range(10)]
    assert pauses[:3] == [FIRST_PAUSE, FIRST_PAUSE * 2, FIRST_PAUSE * 4]
    assert max(pauses) == LONGEST_PAUSE
    assert pause.after(lived=STEADY_SECONDS) == FIRST_PAUSE


def test_keeps_looking_for_a_database_that_went_and_begins_at_once_when_it_is_back():
    pause = Pause(longest=LONGEST_WITHOUT_DATABASE)
    assert max(pause.after(lived=0) for _ in range(10)) == LONGEST_WITHOUT_DATABASE
