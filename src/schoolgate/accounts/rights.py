"""What a person may do: rights hang on roles, and every route names the right it asks for."""

from __future__ import annotations

from enum import Enum
from types import MappingProxyType
from typing import Protocol


class Right(Enum):
    """One thing a person may do, ``room.verb``."""

    BASES_VIEW = "bases.view"
    BASES_EDIT = "bases.edit"
    BASES_CONNECTION = "bases.connection"
    TASKS_VIEW = "tasks.view"
    TASKS_EDIT = "tasks.edit"
    TASKS_RUN = "tasks.run"
    TASKS_LOCK = "tasks.lock"
    TASKS_DELETE = "tasks.delete"
    RUNS_VIEW = "runs.view"
    RUNS_CANCEL = "runs.cancel"
    RUNS_ORDER = "runs.order"
    LOG_VIEW = "log.view"
    CACHE_CLEAR = "cache.clear"
    FILES_VIEW = "files.view"
    FILES_UPLOAD = "files.upload"
    PUPILS_VIEW = "pupils.view"
    HELD_VIEW = "held.view"
    HELD_DECIDE = "held.decide"
    MAPPING_VIEW = "mapping.view"
    MAPPING_EDIT = "mapping.edit"
    DEFAULTS_EDIT = "defaults.edit"
    ACCOUNTS_EDIT = "accounts.edit"
    AUDIT_VIEW = "audit.view"


class Person(Protocol):
    """Anyone who may ask for something: a user, or a visitor who has not signed in."""

    @property
    def is_authenticated(self) -> bool: ...

    @property
    def is_active(self) -> bool: ...


_READER = frozenset({Right.BASES_VIEW, Right.PUPILS_VIEW})
_OFFICER = _READER | {
    Right.BASES_EDIT,
    Right.TASKS_VIEW,
    Right.TASKS_EDIT,
    Right.TASKS_RUN,
    Right.TASKS_LOCK,
    Right.RUNS_VIEW,
    Right.RUNS_CANCEL,
    Right.RUNS_ORDER,
    Right.LOG_VIEW,
    Right.CACHE_CLEAR,
    Right.FILES_VIEW,
    Right.FILES_UPLOAD,
    Right.HELD_VIEW,
    Right.HELD_DECIDE,
    Right.MAPPING_VIEW,
}

RIGHTS = MappingProxyType(
    {
        "administrator": frozenset(Right),
        "officer": _OFFICER,
        "reader": _READER,
        "nobody": frozenset[Right](),
    }
)
"""By role (``accounts.models.Role``).

Secrets, mappings, defaults, people and deleting tasks are the administrator's.
"""


def may(user: Person, right: Right | str) -> bool:
    """Whether this person may do that; a visitor, a closed account and an unknown role may nothing."""
    if not (user.is_authenticated and user.is_active):
        return False
    return Right(right) in RIGHTS.get(str(getattr(user, "role", "nobody")), frozenset())
