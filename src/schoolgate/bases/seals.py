"""Seals and opens a connection's secrets; each is bound to its base, its MIS and its name."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings

from schoolgate.lib.sealed import Sealer, sealer_from


@lru_cache(maxsize=1)
def _sealer() -> Sealer:
    return sealer_from(settings.ENCRYPTION_KEYS)


def seal(plain: str, *, base_id: int, mis: str, name: str) -> str:
    """The sealed form of one setting of one base's connection to one MIS."""
    return _sealer().seal(plain, place=_place(base_id, mis, name))


def unseal(sealed: str, *, base_id: int, mis: str, name: str) -> str:
    """The setting as it was typed; raises ``lib.sealed.SealBroken``."""
    return _sealer().open(sealed, place=_place(base_id, mis, name))


def _place(base_id: int, mis: str, name: str) -> str:
    return f"bases:{base_id}:{mis}:{name}"
