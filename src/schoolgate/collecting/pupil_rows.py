"""The rows of a domain put together by pupil, wherever they lie on its pages."""

from __future__ import annotations

import zlib
from collections.abc import Collection

import msgspec

from schoolgate.collecting.reading import ReadDomain


class PupilRows(msgspec.Struct, gc=False):
    """One pupil's rows of a domain."""

    first_page: int
    raws: list[msgspec.Raw]
    removed: int = 0

    def __len__(self) -> int:
        return len(self.raws) + self.removed

    @property
    def has_removed(self) -> bool:
        """Whether a row says that it was removed."""
        return self.removed > 0


def grouped_rows(
    read: ReadDomain, *, only: Collection[str] | None, share: int = 0, shares: int = 1
) -> dict[str, PupilRows]:
    """The rows of a share of the pupils, by pupil; those of one pupil may lie on any page.

    ``only`` are the pupils wanted, ``None`` for all of them.
    """
    found: dict[str, PupilRows] = {}
    for number, rows in read.rows():
        for row in rows:
            if shares > 1 and zlib.crc32(row.pupil.encode()) % shares != share:
                continue
            if only is not None and row.pupil not in only:
                continue
            pupil = found.get(row.pupil)
            if pupil is None:
                pupil = found[row.pupil] = PupilRows(number, [])
            if row.is_removed:
                pupil.removed += 1
            else:
                # A row holds on to its whole page, unless it is copied out.
                pupil.raws.append(row.raw.copy() if shares > 1 else row.raw)
    return found
