"""Runs a program to which the kernel refuses user namespaces, as containers do: `python … PROGRAM …`.

A filter on system calls (seccomp) answers `unshare` with "not permitted", for the program and all it starts.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import sys

UNSHARE = {"x86_64": 272, "aarch64": 97}
_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_SECCOMP = 22
_SECCOMP_MODE_FILTER = 2
_LOAD_NUMBER, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _ANSWER_ERROR = 0x7FFF0000, 0x00050000


class Instruction(ctypes.Structure):
    """One instruction of the kernel's filter language."""

    _fields_ = (
        ("code", ctypes.c_uint16),
        ("if_true", ctypes.c_uint8),
        ("if_false", ctypes.c_uint8),
        ("value", ctypes.c_uint32),
    )


class Filter(ctypes.Structure):
    """The instructions, and how many."""

    _fields_ = (("length", ctypes.c_uint16), ("instructions", ctypes.POINTER(Instruction)))


def refuse_namespaces() -> None:
    """From here on `unshare` is refused to this process and its children."""
    program = (Instruction * 4)(
        Instruction(_LOAD_NUMBER, 0, 0, 0),
        Instruction(_JUMP_IF_EQUAL, 0, 1, UNSHARE[platform.machine()]),
        Instruction(_RETURN, 0, 0, _ANSWER_ERROR | errno.EPERM),
        Instruction(_RETURN, 0, 0, _ALLOW),
    )
    libc = ctypes.CDLL(None, use_errno=True)
    told = (_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(Filter(4, program)), 0, 0)
    if libc.prctl(*told) != 0:
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)  # without rights of our own only so
    if libc.prctl(*told) != 0:
        raise OSError(ctypes.get_errno(), "the filter was refused")
    if libc.unshare(0x10000000) == 0:
        raise OSError("user namespaces are not refused after all")


if __name__ == "__main__":
    refuse_namespaces()
    os.execv(sys.argv[1], sys.argv[1:])
