"""The System defaults of tasks, cache, files and searches: each declared once, with bounds and effect."""

from __future__ import annotations

from enum import Enum

import msgspec

from schoolgate_message.data_types import DataType

Value = int | str | tuple[str, ...]


class Kind(Enum):
    """What a default can be."""

    NUMBER = "number"
    CHOICE = "choice"
    CHOICES = "choices"


class UnusableDefaultError(Exception):
    """A value that a default can't have: code, sentence, remedy, and which default."""

    code = "authority.default"

    def __init__(self, sentence: str, remedy: str, *, field: str) -> None:
        super().__init__(f"{sentence} {remedy}")
        self.sentence = sentence
        self.remedy = remedy
        self.field = field


class Default(msgspec.Struct, frozen=True, kw_only=True):
    """One System default. Numbers count ``unit`` from ``least`` to ``most``, both included."""

    name: str
    section: str
    label: str
    explanation: str
    default: Value
    kind: Kind = Kind.NUMBER
    unit: str = ""
    least: int = 0
    most: int = 0
    choices: tuple[tuple[str, str], ...] = ()


class Defaults(msgspec.Struct, frozen=True, kw_only=True):
    """Every System default as it is set."""

    buffer_minutes: int = 60
    offered_data_types: tuple[str, ...] = tuple(each.value for each in DataType)
    refresh_seconds: int = 5
    search_days: int = 30
    landing_page: str = "today"
    imported_files_days: int = 365
    exported_files_days: int = 365
    cache_days: int = 0
    guard_percent: int = 10


_SHIPPED = Defaults()

DECLARED: tuple[Default, ...] = (
    Default(
        name="buffer_minutes",
        section="Tasks",
        label="Buffer period for Last Run Status",
        explanation=(
            "How late a due run may be before it is called Missed. Until then it is Pending. "
            "Allow for a night in which many schools share the source's limit."
        ),
        default=_SHIPPED.buffer_minutes,
        unit="minutes",
        least=1,
        most=24 * 60,
    ),
    Default(
        name="offered_data_types",
        section="Tasks",
        label="Data types offered in filters",
        explanation="What the filters of Scheduled Tasks and Task Log offer. Tasks are not changed.",
        default=_SHIPPED.offered_data_types,
        kind=Kind.CHOICES,
        choices=tuple((each.value, each.label) for each in DataType),
    ),
    Default(
        name="refresh_seconds",
        section="Searches and pages",
        label="Auto refresh",
        explanation="How often a page that watches work renews itself. 0 turns it off.",
        default=_SHIPPED.refresh_seconds,
        unit="seconds",
        most=600,
    ),
    Default(
        name="search_days",
        section="Searches and pages",
        label="Start date of searches",
        explanation="How many days back the From date of a log is set when it is opened.",
        default=_SHIPPED.search_days,
        unit="days",
        most=3650,
    ),
    Default(
        name="landing_page",
        section="Searches and pages",
        label="Landing page",
        explanation="Where an officer arrives after signing in.",
        default=_SHIPPED.landing_page,
        kind=Kind.CHOICE,
        choices=(
            ("today", "Today"),
            ("tasks", "Scheduled Tasks"),
            ("bases", "Bases"),
            ("queue", "Queue"),
            ("log", "Task Log"),
        ),
    ),
    Default(
        name="imported_files_days",
        section="Files",
        label="Age at which imported files are deleted",
        explanation=(
            "After so many days the content of a file that was received and landed is deleted, once a day. "
            "Its row, its account and the task log stay. 0 keeps files for ever."
        ),
        default=_SHIPPED.imported_files_days,
        unit="days",
        most=3650,
    ),
    Default(
        name="exported_files_days",
        section="Files",
        label="Age at which exported files are deleted",
        explanation=(
            "The same for files that were made for schools or others, of which there are none yet. "
            "0 keeps them for ever."
        ),
        default=_SHIPPED.exported_files_days,
        unit="days",
        most=3650,
    ),
    Default(
        name="cache_days",
        section="Cache",
        label="Age at which cached data are deleted",
        explanation=(
            "After so many days without a change, what is remembered of a pupil's blocks is forgotten, once "
            "a day; the next run compares those blocks with the register again. 0 keeps them for ever."
        ),
        default=_SHIPPED.cache_days,
        unit="days",
        most=3650,
    ),
    Default(
        name="guard_percent",
        section="Held",
        label="Share of a school that may lose the same at once",
        explanation=(
            "When one base would, within 24 hours, empty an item or end a data group for more than this "
            "share of the pupils who stay on its roll, and for five at least, it waits on Held. At least "
            "half of those who have it, and three, wait whatever is set here. Year and registration group "
            "never count. A roll that is shorter by more than this is believed when the next read agrees."
        ),
        default=_SHIPPED.guard_percent,
        unit="per cent",
        least=1,
        most=100,
    ),
)
BY_NAME = {each.name: each for each in DECLARED}


def checked(name: str, value: object) -> Value:
    """A value as it is kept. Refuses what is out of range, and a default that does not exist (KeyError)."""
    declared = BY_NAME[name]
    if declared.kind is Kind.NUMBER:
        if not isinstance(value, int) or isinstance(value, bool):
            raise UnusableDefaultError(f"{declared.label} is not a number.", _range(declared), field=name)
        if not declared.least <= value <= declared.most:
            raise UnusableDefaultError(f"{declared.label} is out of range.", _range(declared), field=name)
        return value
    known = [choice for choice, _ in declared.choices]
    chosen = (
        [value] if declared.kind is Kind.CHOICE else list(value) if isinstance(value, list | tuple) else []
    )
    if not chosen or any(each not in known for each in chosen):
        remedy = "Choose one of those offered." if declared.kind is Kind.CHOICE else "Tick at least one."
        raise UnusableDefaultError(f"{declared.label} has no usable choice.", remedy, field=name)
    if declared.kind is Kind.CHOICE:
        return str(value)
    return tuple(each for each in known if each in chosen)


def _range(declared: Default) -> str:
    return f"Enter {declared.least:,} to {declared.most:,} {declared.unit}."
