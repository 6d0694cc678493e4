"""The one place of a message where anything may stand: bounded, counted, and not looked at.

A newer agent may say more than this release understands.  What it says stands in ``Extensions``, of the
header, of a pupil or at the end of the message; the file is kept as it came, so nothing of it is lost.
Whatever happens to be called Pupil or Header in there is none.
"""

from __future__ import annotations

from schoolgate_message import layout
from schoolgate_message.message_errors import too_much_beside
from schoolgate_message.xml_elements import Element, line_of

MAX_EXTENSION_BYTES = 1024 * 1024
"""One Extensions element may have so many bytes, and is refused where it is more than a piece longer."""
MAX_NAMES = 1000
"""So many different names of elements and attributes in all: the parser never forgets one."""


class Extensions:
    """Watches the Extensions elements of one message pass; ``count`` is of what stands in them."""

    def __init__(self) -> None:
        """None met yet."""
        self.count = 0
        self._depth = 0
        self._bytes = 0
        self._line = 0
        self._names: set[str] = set()

    @property
    def is_open(self) -> bool:
        """Whether what passes now stands in one."""
        return self._depth > 0

    def pass_by(self, size: int) -> None:
        """So many more bytes go to the parser; raises MessageError where that is too much for one."""
        if self._depth:
            self._bytes += size
            if self._bytes > MAX_EXTENSION_BYTES:
                raise too_much_beside(f"is larger than the {MAX_EXTENSION_BYTES:,} bytes allowed", self._line)

    def begin(self, element: Element) -> None:
        """One begins, perhaps in another."""
        if not self._depth:
            self._bytes, self._line = 0, line_of(element)
        self._depth += 1

    def end(self, element: Element) -> None:
        """One ends; the outermost is counted. Raises MessageError for more names than allowed."""
        self._depth -= 1
        if self._depth:
            return
        self.count += len(element)
        for each in element.iterdescendants():
            self._names.add(str(each.tag))
            self._names.update(map(str, each.keys()))
        if len(self._names) > MAX_NAMES:
            reason = f"uses more than {MAX_NAMES:,} different names in one message"
            raise too_much_beside(reason, line_of(element))


def is_extensions(element: Element) -> bool:
    """Whether an element is the message's own Extensions."""
    return element.tag == layout.EXTENSIONS
