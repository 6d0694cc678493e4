"""Runs a program as an ordinary user when we are root: `python ordinary_user.py HOW ID PROGRAM …`.

PostgreSQL refuses to run as root, and a demo or a container often has nothing but root. Two ways:

- `map`: a user namespace in which root's files belong to the ordinary id. Nothing on disk changes.
- `drop`: becomes that id for good, where namespaces are refused, as containers do. Where the kernel allows,
  the capability to pass closed folders is kept, so that a checkout under a private home folder still works.

Standard library only: it is started by its path, alone in its process, because a namespace can be entered
only by a process with a single thread.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import sys
from pathlib import Path

_CLONE_NEWUSER = 0x10000000
_PR_SET_KEEPCAPS = 8
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_CAP_DAC_OVERRIDE = 1
_CAPABILITY_VERSION_3 = 0x20080522
_REFUSED = (
    "PostgreSQL refuses to run as root, and root may not become user {id} here ({reason}). Start Schoolgate "
    "as an ordinary user who owns the data folder, or set DATABASE_URL."
)


def map_to(ordinary_id: int) -> None:
    """Enters a user namespace in which the present user has `ordinary_id`; OSError where that is refused."""
    uid, gid = os.getuid(), os.getgid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "user namespaces are refused here")
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{ordinary_id} {uid} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{ordinary_id} {gid} 1", encoding="ascii")


def drop_to(ordinary_id: int) -> None:
    """Becomes `ordinary_id` for good, keeping at most the capability to pass closed folders."""
    libc = ctypes.CDLL(None, use_errno=True)
    keeps = hasattr(libc, "prctl") and libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0) == 0
    os.setgroups([])
    os.setgid(_group_of(ordinary_id))
    os.setuid(ordinary_id)
    if keeps:
        _keep_only_passing_folders(libc)


def _group_of(ordinary_id: int) -> int:
    try:
        return pwd.getpwuid(ordinary_id).pw_gid
    except KeyError:
        return ordinary_id


def _keep_only_passing_folders(libc: ctypes.CDLL) -> None:
    """Gives up every capability but one; where even that is refused, PostgreSQL says what it can't read."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    only = 1 << _CAP_DAC_OVERRIDE
    sets = (ctypes.c_uint32 * 6)(only, only, only, 0, 0, 0)
    if libc.capset(header, sets) == 0:
        libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_OVERRIDE, 0, 0)


def main(arguments: list[str]) -> None:
    """Changes the user as told and becomes the program; says what to do where that is refused."""
    how, ordinary_id, *program = arguments
    try:
        {"map": map_to, "drop": drop_to}[how](int(ordinary_id))
        os.execv(program[0], program)  # noqa: S606 - a program by its full path, no shell
    except OSError as error:
        raise SystemExit(_REFUSED.format(id=ordinary_id, reason=error)) from None


if __name__ == "__main__":
    main(sys.argv[1:])
