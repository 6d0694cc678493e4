"""Who this installation serves."""

from __future__ import annotations

from schoolgate.authority.models import Authority


class NoAuthorityError(Exception):
    """The installation has not been told which local authority it serves."""

    code = "authority.missing"
    sentence = "This installation does not know yet which local authority it serves."
    remedy = "Tell it the authority's name and three-digit number first."

    def __init__(self) -> None:
        super().__init__(f"{self.sentence} {self.remedy}")


def the() -> Authority:
    """The authority of this installation; refuses with :class:`NoAuthorityError` while there is none."""
    found = Authority.objects.first()
    if found is None:
        raise NoAuthorityError
    return found
