"""What can be wrong with a source, told so that an officer knows what to do.

A source problem carries a stable code, one plain sentence, a remedy, and whether waiting may help:
only temporary ones are tried again. Its detail is technical (a status, a size, a domain's name) and
never holds a child's data nor a secret.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Wording:
    """How one kind of problem is told."""

    sentence: str
    remedy: str
    is_permanent: bool = True


_TRY_AGAIN = "Nothing needs doing: the run tries again by itself and goes on where it stopped."
_LATER = "Nothing was removed. If the next run says the same, ask the supplier of the MIS."

WORDINGS = MappingProxyType(
    {
        "source.token_service_unreachable": Wording(
            "The token service (SIMS ID) could not be reached.",
            "Check the token address in the base's connection and that this server may reach it.",
            is_permanent=False,
        ),
        "source.token_service_error": Wording(
            "The token service (SIMS ID) answered with an error of its own.", _TRY_AGAIN, is_permanent=False
        ),
        "source.token_answer": Wording(
            "The token service (SIMS ID) gave an answer that is not a token.",
            "Check the token address in the base's connection: it may name another environment.",
        ),
        "source.wrong_secret": Wording(
            "The token service refused the Client ID or the Secret.",
            "Compare both with the school's credentials report, or have the secret renewed.",
        ),
        "source.wrong_organisation": Wording(
            "The Client ID and Secret are good, but not for this Organisation ID.",
            "Compare the Organisation ID with the school's credentials report.",
        ),
        "source.wrong_scope": Wording(
            "The token service does not allow this client the scope that the SIMS Primary API needs.",
            "Ask the supplier to allow the application the scope, or change it in the connector's settings.",
        ),
        "source.token_refused": Wording(
            "The token service refused to give a token.",
            "Compare all four settings of the connection with the school's credentials report.",
        ),
        "source.token_rejected": Wording(
            "The SIMS Primary API did not accept the token, nor a fresh one.",
            "Check that the token address and the API address belong to the same environment.",
        ),
        "source.token_renewed": Wording(
            "The SIMS Primary API rejected a token before its time; a fresh one was accepted.",
            _TRY_AGAIN,
            is_permanent=False,
        ),
        "source.subscription_key": Wording(
            "The SIMS Primary API refused the Subscription Key.",
            "Check the Subscription Key in the base's connection; live and test keys differ.",
        ),
        "source.switched_off": Wording(
            "The school has switched data exchange off for this integration.",
            "Ask the school to switch data exchange on in SIMS ID, where this API has a switch of its own.",
        ),
        "source.domain_not_granted": Wording(
            "The school has not granted a domain that is needed.",
            "The tile's security domains are fixed: a new application and a fresh agreement of the school "
            "are needed.",
        ),
        "source.not_found": Wording(
            "The SIMS Primary API does not know an address that was asked for.",
            "Check the API address and the domain's name in the connector's mapping.",
        ),
        "source.request_refused": Wording(
            "The SIMS Primary API refused a request as wrongly put.",
            "Compare the connector's settings and mapping with the supplier's documentation.",
        ),
        "source.throttled": Wording(
            "The SIMS Primary API asked to slow down.", _TRY_AGAIN, is_permanent=False
        ),
        "source.server_error": Wording(
            "The SIMS Primary API failed with an error of its own.", _TRY_AGAIN, is_permanent=False
        ),
        "source.timeout": Wording("The source did not answer in time.", _TRY_AGAIN, is_permanent=False),
        "source.unreachable": Wording(
            "The source could not be reached, or the connection broke.", _TRY_AGAIN, is_permanent=False
        ),
        "source.truncated": Wording(
            "A page of the source ended in the middle and could not be read.", _TRY_AGAIN, is_permanent=False
        ),
        "source.wrong_content_type": Wording(
            "The source answered with something other than data, for example a web page.",
            _TRY_AGAIN,
            is_permanent=False,
        ),
        "source.page_too_large": Wording(
            "A page of the source is larger than is ever needed.",
            "Lower the page size in the connector's settings, or ask the supplier.",
        ),
        "source.foreign_link": Wording(
            "The source named another host for its next page. No token was sent there.",
            "Report it to the supplier. If the host is the supplier's own, add it to the allowed hosts.",
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
            "The source's pages moved while they were read.", _TRY_AGAIN, is_permanent=False
        ),
        "source.unexpected_row": Wording(
            "The source gave a row without the id of the pupil or of the row itself.",
            "Compare the domain's mapping with the supplier's documentation.",
        ),
        "source.empty_roll": Wording(
            "The source answered that there is nobody on the school's roll. Nothing was removed.",
            "Check in SIMS Primary that the school has pupils, and test the connection.",
        ),
    }
)


class SourceProblem(Exception):
    """A problem of a source, as one of ``WORDINGS``; ``retry_after`` is in seconds, where it was told."""

    def __init__(self, code: str, *, detail: str = "", retry_after: float | None = None) -> None:
        """Name the kind of problem and its technical detail (no secret, no child's data)."""
        wording = WORDINGS[code]
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
