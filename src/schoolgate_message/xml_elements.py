"""An XML element as lxml has it, under a name, and the line it stands on."""

from __future__ import annotations

from typing import cast

from lxml import etree

Element = etree._Element  # noqa: SLF001 - lxml gives its elements no public name


def line_of(element: Element) -> int:
    """The line an element begins on, from 1; 0 where it isn't known."""
    return cast("int", element.sourceline or 0)
