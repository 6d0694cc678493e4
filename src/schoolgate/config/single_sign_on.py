"""Who may sign in through the authority's own sign-in server: only people known here already."""

from __future__ import annotations

from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.http import HttpRequest


class KnownPeopleOnly(DefaultSocialAccountAdapter):  # type: ignore[misc] # allauth ships no types
    """A person is found by the e-mail address the server vouches for; an unknown one is turned away."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:  # noqa: ARG002
        return False
