"""Signing in: what we want differently from allauth. A code by e-mail or a passkey, never a password."""

from collections.abc import Mapping
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Campaign
from people.models import User
from web.access import only_door, signed_in

WRONG_CODE = gettext_lazy("This code is not right. Type the code from the newest message.")


def remember_language(response: HttpResponse, user: User) -> None:
    """Shows the next pages in the language that the person has chosen."""
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, user.language, samesite="Lax")


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Anyone may open an account: only initiators and people with a role need one."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "incorrect_code": WRONG_CODE,
        "too_many_login_attempts": gettext_lazy("That was too many wrong codes.\nAsk for a new code below."),
        "rate_limited": gettext_lazy("That was fast.\nWait one minute and try again."),
        "email_taken": gettext_lazy("Somebody uses this address already. Choose another address."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return True

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        user.language = translation.get_language_from_request(request)[:2]
        saved: User = super().save_user(request, user, form, commit)
        return saved

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Who works in one place, and began no campaign, begins there."""
        user = signed_in(request)
        door = None if Campaign.objects.filter(initiator__user=user).exists() else only_door(user)
        return reverse(door or "mine")

    def post_login(self, request: HttpRequest, user: User, **fields: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **fields)
        remember_language(response, user)
        return response

    def send_account_already_exists_mail(self, email: str) -> None:
        login_url = self.request.build_absolute_uri(reverse("account_login"))
        self.send_mail("account/email/account_already_exists", email, {"login_url": login_url})

    def send_mail(self, template_prefix: str, email: str, context: Mapping[str, Any]) -> None:
        """In the language of who gets it, where we know that."""
        known = User.objects.filter(email__iexact=email).first()
        language = known.language if known is not None else translation.get_language() or "nl"
        with translation.override(language):
            super().send_mail(template_prefix, email, dict(context))

    def render_mail(
        self, template_prefix: str, email: str, context: dict[str, Any], headers: dict[str, str] | None = None
    ) -> EmailMultiAlternatives:
        """allauth's text, and the same words in HTML."""
        message: EmailMultiAlternatives = super().render_mail(template_prefix, email, context, headers)
        paragraphs = [part.strip() for part in str(message.body).split("\n\n") if part.strip()]
        html = render_to_string(
            "mail/letter.html", {"paragraphs": paragraphs, "code": context.get("code", "")}
        )
        message.attach_alternative(html, "text/html")
        return message


class SecondStepAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """The second step: an app with codes, a passkey, or a recovery code."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": gettext_lazy("This code is not right. Type the code that the app shows now."),
    }

    def generate_authenticator_name(self, user: User, type: str) -> str:  # allauth calls it `type`
        return _("Passkey %(number)s") % {
            "number": Authenticator.objects.filter(user=user, type=type).count() + 1
        }

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        return entity | {"name": "Buurtpot"}
