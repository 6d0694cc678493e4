"""Keeps a long-lived process of many threads as small as what it holds: settings of glibc's allocator.

Left to itself, glibc gives each thread arenas of its own and learns from every large block that is freed to
keep still larger ones. A worker then stays as large as the largest school it has ever met, times its threads.
Other C libraries don't know these names and go without.
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

ENVIRONMENT: Mapping[str, str] = MappingProxyType(
    {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": "131072", "MALLOC_TRIM_THRESHOLD_": "131072"}
)
"""For the environment of a process that is about to start; bytes where they are not numbers of arenas."""


def give_back() -> None:
    """Give memory that was freed back to the system."""
    trim = _trim()
    if trim is not None:
        trim(0)


@cache
def _trim() -> ctypes._NamedFuncPointer | None:
    return getattr(ctypes.CDLL(None), "malloc_trim", None)
