"""Why a file is not a good B2B message, in words for the officer who has to deal with it.

The parser's own sentences repeat what stood in the file, and that is a child's data.  So they are
never passed on: a sentence here names an element of the schema, and says what is wrong with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, cast

from lxml import etree
from lxml.etree import ErrorTypes

from schoolgate_message import layout
from schoolgate_message.groups import GROUPS

_NAMED = re.compile(r"Element '([A-Za-z0-9]{1,40})'(?:, attribute '([A-Za-z]{1,20})')?")
_MAKER = (
    "Ask the maker of the file to send one that follows the schema of its version. What the schema has no "
    "place for goes into the element Extensions."
)
MOST_PUPILS = 5_000
"""So many pupils go into one part without coming near any limit."""
_AGAIN = "Send the file again; if it arrives cut off again, look at what carries it."

_PARTS = {"Header", "Roll", "Entry", "Pupils", "Pupil", "Deleted", "Marks", "Day"}
_PARTS_SINCE_2 = {layout.KEPT, "Group", "LeftOut", "Who", layout.MARKS_NAME, "Window", layout.EXTENSIONS}
_OWN_NAMES = {
    layout.ROOT,
    *_PARTS,
    *_PARTS_SINCE_2,
    *(field for field, _, _ in (*layout.HEADER, *layout.HEADER_SINCE_2)),
}
_VOCABULARY = _OWN_NAMES.union(
    *({group.element, group.row_element, *(item.element for item in group.items)} for group in GROUPS)
) - {""}
_ATTRIBUTES = {"Version", "Cohort", "Declared", "Complete", "State", "Groups", "Date", "AM", "PM"}
_ATTRIBUTES |= {"Name", "Unchanged", "Reason", "Count", "From", "Until", "Codes"}
_ATTRIBUTES |= {attribute for attribute, _, _ in layout.MATCH_KEYS}

KINDS = {
    "message.truncated": "The file ends before the message does.",
    "message.too_large": "The file, or something in it, is larger, longer or deeper than allowed.",
    "message.doctype": "The file declares a document type or entities.",
    "message.entity": "The message uses an entity.",
    "message.encoding": "The file is not written in UTF-8.",
    "message.malformed": "The file is not well-formed XML.",
    "message.version": "The message is of a version that is not read here, or says none.",
    "message.schema": "The file is no B2B message, or an element does not fit the schema.",
}
"""What each code of MessageError means."""

_FAULTS = {
    "SCHEMAV_ELEMENT_CONTENT": "is not expected here, stands twice, or lacks a part it must have",
    "SCHEMAV_CVC_ELT_1": "is not known",
    "SCHEMAV_CVC_COMPLEX_TYPE_2_3": "holds text where only elements may stand",
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_1": "has an attribute that is not known",
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_2": "has an attribute that is not known",
    "SCHEMAV_CVC_COMPLEX_TYPE_4": "lacks an attribute it must have",
    "SCHEMAV_CVC_MAXLENGTH_VALID": "is longer than allowed",
    "SCHEMAV_CVC_MINLENGTH_VALID": "is empty",
    "SCHEMAV_CVC_PATTERN_VALID": "is not in the form it must have",
    "SCHEMAV_CVC_ENUMERATION_VALID": "is none of the words allowed",
    "SCHEMAV_CVC_DATATYPE_VALID_1_2_1": "is not of the type it must be",
    "SCHEMAV_CVC_DATATYPE_VALID_1_2_2": "is not of the type it must be",
    "SCHEMAV_CVC_MININCLUSIVE_VALID": "is smaller than allowed",
    "SCHEMAV_CVC_MAXINCLUSIVE_VALID": "is larger than allowed",
    "SCHEMAV_CVC_TOTALDIGITS_VALID": "has more digits than allowed",
    "SCHEMAV_CVC_FRACTIONDIGITS_VALID": "has more digits after the point than allowed",
    "SCHEMAV_CVC_ATTRIBUTE_4": "is not the value it must be",
    "SCHEMAV_CVC_AU": "is not the value it must be",
}


_ENCODING_FAULTS = {
    ErrorTypes.ERR_INVALID_ENCODING,
    ErrorTypes.ERR_UNKNOWN_ENCODING,
    ErrorTypes.I18N_CONV_FAILED,
}


class MessageError(ValueError):
    """A file that is not a good message; ``line`` counts from 1 and is 0 where none is known."""

    def __init__(self, code: str, sentence: str, remedy: str, line: int = 0) -> None:
        """Keep the stable code, the sentence and what to do about it."""
        super().__init__(f"{sentence} (line {line})" if line else sentence)
        self.code = code
        self.sentence = sentence
        self.remedy = remedy
        self.line = line


def truncated(line: int) -> MessageError:
    """The file ends before the message does."""
    return MessageError("message.truncated", "The file ends before the message does.", _AGAIN, line)


def too_large(limit: int, subject: str = "The message", *, line: int) -> MessageError:
    """More bytes than are taken; ``line`` is where the part began, or the last one read of the whole."""
    sentence = f"{subject} is larger than the {limit:,} bytes allowed."
    return MessageError(
        "message.too_large", sentence, f"Send it in parts of at most {MOST_PUPILS:,} pupils.", line
    )


def too_much_beside(reason: str, line: int) -> MessageError:
    """What stands in Extensions goes beyond its bounds."""
    sentence = f"The element {layout.EXTENSIONS} {reason}."
    return MessageError("message.too_large", sentence, "Send less beside the message.", line)


def unknown_version(line: int) -> MessageError:
    """A message of a version that does not exist, or not yet."""
    known = " and ".join(layout.VERSIONS)
    sentence = f"The message is not of a version that is read here: {known} are."
    return MessageError("message.version", sentence, "Update Schoolgate, or send an older version.", line)


def wrong_encoding(line: int) -> MessageError:
    """Bytes that are not UTF-8, or another encoding declared."""
    return MessageError(
        "message.encoding", "The message is not written in UTF-8.", "Send the message in UTF-8.", line
    )


def misfit(element: str, reason: str, line: int) -> MessageError:
    """An element of the schema where it must not be, or with what it cannot hold."""
    return MessageError("message.schema", f"The element {element} {reason}.", _MAKER, line)


def explain_misfit(log: Iterable[Any], *, least_line: int) -> MessageError:
    """Say what the schema found first; its own line numbers may stop at 65,535."""
    for entry in log:
        sentence = f"{_subject(entry.message)} {_FAULTS.get(entry.type_name, 'does not fit')}."
        return MessageError("message.schema", sentence, _MAKER, max(entry.line, least_line))
    return MessageError("message.schema", "The message does not fit its schema.", _MAKER, least_line)


def explain(error: etree.XMLSyntaxError, *, was_cut_off: bool) -> MessageError:
    """Say what the parser met: a cut, an encoding, an entity, a limit or broken XML."""
    line = error.lineno or 0
    code: int = cast("Any", error).code
    if code in _ENCODING_FAULTS:
        return wrong_encoding(line)
    if code == ErrorTypes.ERR_UNDECLARED_ENTITY:
        return MessageError("message.entity", "The message uses an entity; messages have none.", _MAKER, line)
    if code == ErrorTypes.ERR_RESOURCE_LIMIT:
        return MessageError(
            "message.too_large", "Something in the message is too long or too deep.", _MAKER, line
        )
    if was_cut_off:
        return truncated(line)
    return MessageError("message.malformed", "The file is not well-formed XML.", _MAKER, line)


def _subject(said: str) -> str:
    named = _NAMED.match(said)
    if named is None or named[1] not in _VOCABULARY:
        return "An element that no message has"
    if named[2] in _ATTRIBUTES:
        return f"The attribute {named[2]} of the element {named[1]}"
    return f"The element {named[1]}"
