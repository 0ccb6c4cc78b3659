"""Signing in: what we want differently from allauth."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Anyone may open an account: only initiators and people with a role need one."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return True
