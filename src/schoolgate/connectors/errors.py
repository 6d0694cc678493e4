"""What can be wrong with a source or a connector's setting, told so that an officer knows what to do.

A source problem carries a stable code, one plain sentence, a remedy, and whether waiting may help:
only temporary ones are tried again. Its detail is technical (a status, a size, a domain's name) and
never holds a child's data nor a secret. What only one vendor's service can get wrong, and a vendor's own
names in a sentence, stand in the vendor's folder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Wording:
    """How one kind of problem is told."""

    sentence: str
    remedy: str
    is_permanent: bool = True


SETTINGS_PAGE = "System, Connections"
"""Where an administrator finds what the remedies below speak of."""
MAPPING_PAGE = "System, Mapping"

TRY_AGAIN = "Nothing needs doing: the run tries again by itself and goes on where it stopped."
_LATER = "Nothing was removed. If the next run says the same, ask the supplier of the MIS."

WORDINGS: Mapping[str, Wording] = MappingProxyType(
    {
        "source.not_found": Wording(
            "The source does not know an address that was asked for.",
            f"Check the address of the API on the page {SETTINGS_PAGE}, and the domain's name on the page "
            f"{MAPPING_PAGE}.",
        ),
        "source.request_refused": Wording(
            "The source refused a request as wrongly put.",
            f"Compare the pages {SETTINGS_PAGE} and {MAPPING_PAGE} with the supplier's documentation.",
        ),
        "source.throttled": Wording("The source asked to slow down.", TRY_AGAIN, is_permanent=False),
        "source.server_error": Wording(
            "The source failed with an error of its own.", TRY_AGAIN, is_permanent=False
        ),
        "source.timeout": Wording("The source did not answer in time.", TRY_AGAIN, is_permanent=False),
        "source.unreachable": Wording(
            "The source could not be reached, or the connection broke.", TRY_AGAIN, is_permanent=False
        ),
        "source.truncated": Wording(
            "A page of the source ended in the middle and could not be read.", TRY_AGAIN, is_permanent=False
        ),
        "source.wrong_content_type": Wording(
            "The source answered with something other than data, for example a web page.",
            TRY_AGAIN,
            is_permanent=False,
        ),
        "source.unexpected_page": Wording(
            "The source answered with data of another shape than expected.",
            f"Compare the pages {SETTINGS_PAGE} and {MAPPING_PAGE} with the supplier's documentation.",
        ),
        "source.error_in_answer": Wording(
            "The source told of an error of its own within an answer.", TRY_AGAIN, is_permanent=False
        ),
        "source.not_vouched": Wording(
            "The source does not vouch that a list is whole. What came has landed, nothing was taken as "
            "missing, and the next run reads from where this one did.",
            f"Compare what the supplier says of its pages with the page {SETTINGS_PAGE}.",
            is_permanent=False,
        ),
        "source.page_too_large": Wording(
            "A page of the source is larger than is ever needed.",
            f"Raise the largest page on the page {SETTINGS_PAGE}, or ask the supplier.",
        ),
        "source.foreign_link": Wording(
            "The source named another host for its next page. No token was sent there.",
            "Report it to the supplier. If the host is the supplier's own, have it added to the allowed "
            f"hosts: the page {SETTINGS_PAGE} says how.",
        ),
        "source.insecure_link": Wording(
            "The source named an address without encryption for its next page. No token was sent there.",
            "Report it to the supplier: an https address must not lead to an http one.",
        ),
        "source.rows_repeated": Wording(
            "The source gave the same row on two pages, read after read.", _LATER, is_permanent=False
        ),
        "source.rows_missing": Wording(
            "The source gave fewer or more rows than it had declared, read after read.",
            _LATER,
            is_permanent=False,
        ),
        "source.page_moved": Wording(
            "The source's pages moved while they were read.", TRY_AGAIN, is_permanent=False
        ),
        "source.unexpected_row": Wording(
            "The source gave a row without the id of the pupil or of the row itself.",
            f"Compare the domain on the page {MAPPING_PAGE} with the supplier's documentation.",
        ),
        "source.roll_states_unknown": Wording(
            "Not one pupil's place on the school's roll is in words that are known. Nothing was removed.",
            "Ask the supplier which words the source uses: Current, Leaver and Future are known.",
        ),
        "source.year_groups_unknown": Wording(
            "The task asks for years, and no year group of the school is known by its name.",
            "Ask the school to name its year groups like Year 3 or Y3, or take the years off the task.",
        ),
        "source.empty_roll": Wording(
            "The source answered that there is nobody on the school's roll. Nothing was removed.",
            "Check in the school's MIS that the school has pupils, and test the connection.",
        ),
    }
)
"""What any source may do, by code; a vendor may tell a code in words of its own."""


class SourceProblem(Exception):
    """A problem of a source, as one of ``wordings``; ``retry_after`` is in seconds, where it was told."""

    wordings: ClassVar[Mapping[str, Wording]] = WORDINGS

    def __init__(self, code: str, *, detail: str = "", retry_after: float | None = None) -> None:
        """Name the kind of problem and its technical detail (no secret, no child's data)."""
        wording = self.wordings[code]
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.sentence = wording.sentence
        self.remedy = wording.remedy
        self.is_permanent = wording.is_permanent
        self.detail = detail
        self.retry_after = retry_after

    @property
    def is_temporary(self) -> bool:
        """Whether trying again later may help."""
        return not self.is_permanent


class MappingError(ValueError):
    """The mapping, or an override of it, can't be used; says which line of it."""


class UnusableSettingError(ValueError):
    """A value that a connector's setting can't have: code, sentence, remedy, and which setting."""

    code = "connectors.setting"

    def __init__(self, sentence: str, remedy: str, *, name: str) -> None:
        super().__init__(f"{sentence} {remedy}")
        self.sentence = sentence
        self.remedy = remedy
        self.name = name
