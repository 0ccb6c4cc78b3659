"""Somebody who has signed in, with a second factor, so that pages of staff open."""

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone

from people.models import User


def give_second_factor(user: User) -> None:
    if not Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists():
        TOTP.activate(user, generate_totp_secret())


def signed_in(client: Client, user: User) -> Client:
    """The client, signed in as the user, who has a second factor from now on and has used it."""
    give_second_factor(user)
    client.force_login(user)
    use_second_factor(client, user)
    return client


def use_second_factor(client: Client, user: User) -> None:
    """As if the code of the app was typed just now, in this browser."""
    request = HttpRequest()
    request.session = client.session
    record_authentication(request, user, method="mfa", type="totp", at=timezone.now().timestamp())
    request.session.save()
