"""The names of the message's own XML elements and attributes, shared by writer, reader and schema.

::

    B2BStudent Version
      Header    Base Authority DataType Source CreatedAt AcademicYear SinceAt? Part Parts
                Maker? MakerVersion? MessageId? ReadFrom? ReadUntil?
        Kept ?        Group * Name Unchanged?
          LeftOut *   Reason Count
            Who *     Id
        Attendance ?  Window * From Until Codes?
        Extensions ?
      Roll      Cohort? Declared? Complete
        Entry * Id State?
      Pupils
        Pupil * Id UPN? Surname? Forename? DOB? Sex?
          a data group ?, in declared order, with its items, or its rows (Id?) with theirs
          Deleted ?     Groups
          Marks ?       Day * Date AM? PM?
          Extensions ?
      Extensions ?
"""

from __future__ import annotations

from schoolgate_message import roll_states
from schoolgate_message.groups import LONGEST_UPN

ROOT = "B2BStudent"
FIRST_VERSION = "1.0"
"""Still read. It has neither what stands in ``HEADER_SINCE_2`` nor anything below it, no row ids, no
extensions."""
VERSION = "2.0"
"""What is written."""
VERSIONS = (FIRST_VERSION, VERSION)

HEADER = (
    ("Base", "base", "Base"),
    ("Authority", "authority", "Authority"),
    ("DataType", "data_type", "DataType"),
    ("Source", "source", "Text40"),
    ("CreatedAt", "created_at", "Instant"),
    ("AcademicYear", "academic_year", "Number"),
    ("SinceAt", "since_at", "Instant"),
    ("Part", "part", "Count"),
    ("Parts", "parts", "Count"),
)
"""Element, field of MessageHeader, type in the schema. Only ``since_at`` may be missing."""

HEADER_SINCE_2 = (
    ("Maker", "maker", "Text60"),
    ("MakerVersion", "maker_version", "Text40"),
    ("MessageId", "message_id", "Text60"),
    ("ReadFrom", "read_from", "Instant"),
    ("ReadUntil", "read_until", "Instant"),
)
"""The same of what version 2 adds; each may be missing."""

LONGEST_ROW_ID = 60

KEPT = "Kept"
MARKS_NAME = "Attendance"
"""How ``Kept`` calls the marks, which are no data group; also the element that says which days are whole."""
EXTENSIONS = "Extensions"
"""The one element that may hold anything."""

MATCH_KEYS = (
    ("Id", "external_id", 60),
    ("UPN", "upn", LONGEST_UPN),
    ("Surname", "family_name", 35),
    ("Forename", "given_name", 35),
    ("DOB", "date_of_birth", 10),
    ("Sex", "sex", 10),
)
"""Attribute, field of MatchKeys, longest text. Every pupil carries those that are known."""

ROLL_STATES = roll_states.SENT
"""A roll entry's state; the first is meant where none is written."""

LONGEST_CODE = 10
"""Characters of an attendance code; whether the code exists is asked when it lands."""
