"""Every command of the command line: its name, where it is, what it needs before it can begin.

A command is a module of this package with a function of the same name. It is imported only when it is
asked for, so that `schoolgate demo` and `schoolgate doctor` work before anything is set up.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class Needs(Enum):
    """What must stand before a command begins."""

    NOTHING = auto()
    SETTINGS = auto()
    """Django's settings; the database is reached for when the command does so."""
    DATABASE = auto()
    """Settings, and the embedded PostgreSQL started if that is the one in use."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """One command: `module` and its function carry the name with underscores."""

    name: str
    sentence: str
    needs: Needs
    is_hidden: bool = False
    passes_on: bool = False
    """Whether what it doesn't know is handed to another program, `--help` included."""

    @property
    def module(self) -> str:
        """Where the command is, below `schoolgate.commands`; its function has the same name."""
        return self.name.replace("-", "_")


COMMANDS: tuple[Command, ...] = (
    Command(name="demo", sentence="Start a demo authority and collect its bases.", needs=Needs.NOTHING),
    Command(name="clean-demo", sentence="Remove what a demo made.", needs=Needs.NOTHING),
    Command(name="serve", sentence="Start the web server.", needs=Needs.DATABASE),
    Command(name="worker", sentence="Carry out runs, and start again whatever happens.", needs=Needs.NOTHING),
    Command(
        name="worker-process",
        sentence="The worker itself, without a parent that starts it again.",
        needs=Needs.DATABASE,
        is_hidden=True,
    ),
    Command(
        name="collect",
        sentence="Collect bases now: plans a run for each and shows how they fare.",
        needs=Needs.SETTINGS,
    ),
    Command(
        name="receive",
        sentence="Take a B2B message in from a file and land it.",
        needs=Needs.SETTINGS,
    ),
    Command(
        name="status",
        sentence="Show every base, its last run and what is under way.",
        needs=Needs.SETTINGS,
    ),
    Command(
        name="held",
        sentence="Show what waits for a person; release it or refuse it.",
        needs=Needs.SETTINGS,
    ),
    Command(name="doctor", sentence="Check this installation and say what to do.", needs=Needs.NOTHING),
    Command(name="migrate", sentence="Bring the database to this release.", needs=Needs.DATABASE),
    Command(name="database", sentence="Start or stop the embedded PostgreSQL.", needs=Needs.NOTHING),
    Command(name="add-person", sentence="Give a person a sign-in.", needs=Needs.DATABASE),
    Command(
        name="sandbox",
        sentence="Start the pretend SIMS ID and SIMS Primary.",
        needs=Needs.NOTHING,
        passes_on=True,
    ),
    Command(
        name="demo-data",
        sentence="Fill an empty demo from a running sandbox.",
        needs=Needs.DATABASE,
        is_hidden=True,
    ),
)


def find(name: str) -> Command | None:
    """The command of that name."""
    return next((command for command in COMMANDS if command.name == name), None)
