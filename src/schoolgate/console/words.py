"""The console's words and colours for what the rooms keep as codes; no enum's name reaches a screen."""

from __future__ import annotations

from datetime import date
from types import MappingProxyType

from schoolgate.audit.actions import LINK
from schoolgate.console import links
from schoolgate.runs.states import ImportJobStatus, LogStatus, Origin, Stage
from schoolgate.tasks.kinds import TransferType
from schoolgate.tasks.states import PendingReason
from schoolgate_message import groups
from schoolgate_message.data_types import DataType

TONES = MappingProxyType(
    {
        "exported": "green",
        "nothing_changed": "grey",
        "exceptions": "yellow",
        "failed": "red",
        "pending": "grey",
        "running": "blue",
        "missed": "orange",
        "due": "grey",
        "waiting": "grey",
        "collecting": "blue",
        "landing": "blue",
        "done": "green",
        "cancelled": "grey",
        "queued": "grey",
        "processing": "blue",
        "completed": "green",
        "import_failed": "red",
    }
)
"""GOV.UK's tag colour of every status."""

TERMS = MappingProxyType(
    {
        "left_out": ("Left out", "left-out", "left out by the cohort or another filter"),
        "unchanged": ("Unchanged", "unchanged", "the same as what the authority holds"),
        "written": ("Written", "written", "new or different, and now in the register"),
        "in_conflict": ("In conflict", "conflict", "waiting for a person to decide"),
        "unmatched": ("Unmatched", "unmatched", "of a pupil nobody could be found for"),
        "ignored": ("Ignored", "ignored", "left alone because a rule says so"),
        "refused": ("Refused", "refused", "not usable, with the reason below"),
    }
)
"""The terms of an account, in the order of the books: label, tone, meaning."""

SETTINGS_CODES = (
    "source.wrong_",
    "source.token_refused",
    "source.subscription_key",
    "collecting.no_connection",
)
"""How the codes begin that better settings of the base's connection would mend."""


def data_type(code: str) -> str:
    """The seed's words for a data type."""
    try:
        return DataType(code).label
    except ValueError:
        return code.replace("_", " ").capitalize()


def short_data_type(code: str) -> str:
    """A run's kind inside a sentence: Snapshot, Changed data, Attendance."""
    return {
        "snapshot": "Snapshot",
        "changed_data": "Changed data",
        "attendance_changed_data": "Attendance",
        "attendance_current_year": "Attendance, this year",
        "unauthorised_current_year": "Unauthorised absences, this year",
        "absences_current_year": "Absences, this year",
        "attendance_previous_year": "Attendance, last year",
        "attainment": "Attainment",
    }.get(code, data_type(code))


def log_status(code: str) -> str:
    """A finished run's words in the task log."""
    return LogStatus(code).label if code else ""


def stage(code: str) -> str:
    """Where a run stands."""
    return Stage(code).label


def file_status(code: str) -> str:
    """Where a received file stands."""
    return ImportJobStatus(code).label


def pending(code: str) -> str:
    """Why a task is Pending at a base."""
    return PendingReason(code or PendingReason.NOT_PLANNED_YET.value).label


def pending_remedy(code: str) -> str:
    """What to do so that a task is Queued at a base; empty where one can only wait."""
    return PendingReason(code or PendingReason.NOT_PLANNED_YET.value).remedy


def data_flow(transfer_type: str) -> str:
    """The seed's Data Flow: Export, Import, Two-way."""
    return TransferType(transfer_type).flow


def origin(code: str) -> str:
    """What set a run off."""
    return Origin(code).label


def group(name: str) -> str:
    """A data group's name."""
    if name == groups.ATTENDANCE:
        return "Attendance"
    if name == LINK:
        return links.LABEL
    found = groups.BY_NAME.get(name)
    return found.label if found else name.replace("_", " ").capitalize()


def item(group_name: str, name: str) -> str:
    """A data item's name."""
    found = groups.BY_NAME.get(group_name)
    labels = {each.name: each.label for each in found.items} if found else {}
    return labels.get(name, name.replace("_", " ").capitalize())


def nc_year(code: str) -> str:
    """A National Curriculum Year: Year 3, Reception, Nursery."""
    named = {"R": "Reception", "N1": "Nursery first year", "N2": "Nursery second year"}
    return named.get(code, f"Year {code}" if code else "")


def cohort(years: list[str]) -> str:
    """The years a run is about, or All."""
    return ", ".join(f"Year {year}" if year.isdecimal() else nc_year(year) for year in years) or "All"


def short_day(text: str) -> str:
    """Mon 23 Nov 2026, from YYYY-MM-DD."""
    found = date.fromisoformat(text)
    return f"{found:%a} {found.day} {found:%b %Y}"


def is_about_settings(code: str) -> bool:
    """Whether the remedy of a failure is on the page with the connection's settings."""
    return code.startswith(SETTINGS_CODES)
