"""What SIMS ID and the SIMS Primary API can get wrong, in the supplier's names."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from schoolgate.connectors.errors import (
    MAPPING_PAGE,
    SETTINGS_PAGE,
    TRY_AGAIN,
    WORDINGS,
    SourceProblem,
    Wording,
)

_TOKEN_SERVICE: Mapping[str, Wording] = MappingProxyType(
    {
        "source.token_service_unreachable": Wording(
            "The token service (SIMS ID) could not be reached.",
            "Check the address of the token service in the base's connection, and on the page "
            f"{SETTINGS_PAGE}, and that this server may reach it.",
            is_permanent=False,
        ),
        "source.token_service_error": Wording(
            "The token service (SIMS ID) answered with an error of its own.", TRY_AGAIN, is_permanent=False
        ),
        "source.token_answer": Wording(
            "The token service (SIMS ID) gave an answer that is not a token.",
            "Check the address of the token service in the base's connection, and on the page "
            f"{SETTINGS_PAGE}: it may name another environment.",
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
            f"Ask the supplier to allow the application the scope, or change it on the page {SETTINGS_PAGE}.",
        ),
        "source.token_refused": Wording(
            "The token service refused to give a token.",
            "Compare all four settings of the connection with the school's credentials report.",
        ),
    }
)
TOKEN_CODES = frozenset(_TOKEN_SERVICE)
"""The problems that come from the token service rather than from the data's address."""

_API: Mapping[str, Wording] = MappingProxyType(
    {
        "source.token_rejected": Wording(
            "The SIMS Primary API did not accept the token, nor a fresh one.",
            "Check that the token address and the API address belong to the same environment: in the base's "
            f"connection, and on the page {SETTINGS_PAGE}.",
        ),
        "source.token_renewed": Wording(
            "The SIMS Primary API rejected a token before its time; a fresh one was accepted.",
            TRY_AGAIN,
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
        "source.quota_used_up": Wording(
            "The SIMS Primary API's allowance of calls is used up for now.", TRY_AGAIN, is_permanent=False
        ),
        "source.not_found": Wording(
            "The SIMS Primary API does not know an address that was asked for.",
            f"Check the address of the API in the base's connection and on the page {SETTINGS_PAGE}, and the "
            f"domain's name on the page {MAPPING_PAGE}.",
        ),
        "source.request_refused": Wording(
            "The SIMS Primary API refused a request as wrongly put.",
            f"Compare the pages {SETTINGS_PAGE} and {MAPPING_PAGE} with the supplier's documentation.",
        ),
        "source.throttled": Wording(
            "The SIMS Primary API asked to slow down.", TRY_AGAIN, is_permanent=False
        ),
        "source.server_error": Wording(
            "The SIMS Primary API failed with an error of its own.", TRY_AGAIN, is_permanent=False
        ),
    }
)


class SimsPrimaryProblem(SourceProblem):
    """A problem of SIMS ID or of the SIMS Primary API."""

    wordings: ClassVar[Mapping[str, Wording]] = MappingProxyType({**WORDINGS, **_TOKEN_SERVICE, **_API})
