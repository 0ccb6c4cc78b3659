"""Somebody who has signed in, with a second factor, so that pages of staff open."""

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client

from people.models import User


def give_second_factor(user: User) -> None:
    if not Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists():
        TOTP.activate(user, generate_totp_secret())


def signed_in(client: Client, user: User) -> Client:
    """The client, signed in as the user, who has a second factor from now on."""
    give_second_factor(user)
    client.force_login(user)
    return client
