"""The few code values the invented data uses, each with its weight.

Restated from the published code sets (school census, CTF, the 2024 attendance
regulations); the sandbox has its own small tables on purpose.
"""

from __future__ import annotations

Weighted = tuple[tuple[str, float], ...]

SEN_NEEDS: Weighted = (
    ("SLCN", 30),
    ("SEMH", 20),
    ("MLD", 14),
    ("ASD", 14),
    ("SPLD", 10),
    ("PD", 3),
    ("HI", 2),
    ("VI", 1),
    ("SLD", 1),
    ("MSI", 0.3),
    ("PMLD", 0.3),
    ("OTH", 3),
)
NO_SPECIALIST_ASSESSMENT = "NSA"
RELIGIONS: Weighted = (
    ("NR", 38),
    ("CH", 30),
    ("CE", 8),
    ("RC", 6),
    ("MU", 11),
    ("HI", 2),
    ("SI", 2),
    ("JE", 0.5),
    ("BU", 0.5),
    ("OF", 2),
)
PROFICIENCY: Weighted = (("A", 10), ("B", 18), ("C", 26), ("D", 22), ("E", 18), ("N", 6))
ETHNICITY_SOURCES: Weighted = (("P", 86), ("C", 4), ("S", 6), ("T", 2), ("O", 2))
SERVICE_CHILD: Weighted = (("N", 95.8), ("Y", 2.6), ("U", 1), ("R", 0.6))
YOUNG_CARER: Weighted = (("N", 98.4), ("P", 0.7), ("S", 0.9))
POST_LOOKED_AFTER: Weighted = (("A", 50), ("G", 25), ("R", 10), ("C", 13), ("O", 2))
CARE_AUTHORITIES: Weighted = (("820", 70), ("821", 12), ("826", 10), ("873", 8))
SUSPENSION_REASONS: Weighted = (
    ("PP", 24),
    ("PA", 22),
    ("VA", 14),
    ("VP", 8),
    ("DB", 16),
    ("BU", 3),
    ("RA", 2),
    ("DM", 6),
    ("TH", 1),
    ("OW", 2),
    ("MT", 2),
)
LEAVING_REASONS: Weighted = (("IM", 66), ("II", 4), ("EL", 8), ("LC", 12), ("OR", 5), ("UK", 3), ("MI", 2))
OTHER_AUTHORITIES = ("821", "822", "823", "826", "873", "919", "330", "316")

STATUTORY_ATTENDANCE: tuple[tuple[str, str], ...] = (
    ("/", "Present at the morning session"),
    ("\\", "Present at the afternoon session"),
    ("L", "Late before the register closed"),
    ("K", "Education arranged by the authority"),
    ("V", "Educational visit or trip"),
    ("P", "Sporting activity"),
    ("W", "Work experience"),
    ("B", "Other approved educational activity"),
    ("D", "Dual registered, due at the other school"),
    ("C1", "Regulated performance or employment"),
    ("M", "Medical or dental appointment"),
    ("J1", "Interview"),
    ("S", "Study leave"),
    ("X", "Not of compulsory age and not due"),
    ("C2", "Temporary part-time timetable"),
    ("C", "Leave in exceptional circumstances"),
    ("T", "Parent travelling for work"),
    ("R", "Religious observance"),
    ("I", "Illness"),
    ("E", "Suspended or excluded"),
    ("Q", "No access arrangements"),
    ("Y1", "Usual transport not available"),
    ("Y2", "Widespread travel disruption"),
    ("Y3", "Part of the premises closed"),
    ("Y4", "Whole site unexpectedly closed"),
    ("Y5", "In detention"),
    ("Y6", "Public health"),
    ("Y7", "Other unavoidable cause"),
    ("G", "Holiday not granted"),
    ("N", "Reason not yet established"),
    ("O", "Other or unknown absence"),
    ("U", "Arrived after the register closed"),
    ("Z", "Not yet on the register"),
    ("#", "Planned closure"),
)
OWN_ATTENDANCE: tuple[tuple[str, str, str], ...] = (
    ("X01", "X", "Not due, our part-time nursery place"),
    ("I01", "I", "Illness, sent home by the school"),
    ("I02", "I", "Illness, 48 hour rule"),
    ("V01", "V", "Forest school"),
)
ATTENDANCE_CODES: tuple[str, ...] = tuple(code for code, _ in STATUTORY_ATTENDANCE) + tuple(
    code for code, _, _ in OWN_ATTENDANCE
)
STATUTORY_OF: dict[str, str] = {code: code for code, _ in STATUTORY_ATTENDANCE} | {
    code: statutory for code, statutory, _ in OWN_ATTENDANCE
}
# A mark is held as one byte: its place in the table counted from 1; 0 is no mark.
MARK_BYTE: dict[str, int] = {code: place for place, code in enumerate(ATTENDANCE_CODES, start=1)}

ABSENCES: Weighted = (
    ("I", 58),
    ("I01", 4),
    ("I02", 3),
    ("M", 9),
    ("G", 7),
    ("O", 6),
    ("C", 3),
    ("N", 7),
    ("R", 1),
    ("T", 0.4),
    ("C1", 0.2),
    ("C2", 0.4),
    ("Y1", 0.3),
    ("Y7", 0.2),
    ("Q", 0.2),
    ("B", 1.5),
    ("P", 1),
    ("K", 0.2),
    ("V01", 1.5),
)
REASONS_FOUND: Weighted = (("I", 55), ("O", 20), ("M", 10), ("G", 8), ("C", 4), ("L", 3))
