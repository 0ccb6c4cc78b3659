"""allauth's forms without placeholders: a label says what a field is for, also after typing."""

from typing import Any

from allauth.account import forms as account
from allauth.account.internal.flows.manage_email import sync_user_email_address
from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from django import forms
from django.core.cache import cache
from django.utils.translation import gettext_lazy

from people.models import User

CODE_IS_VALID_SECONDS = app_settings.TOTP_PERIOD * (2 * app_settings.TOTP_TOLERANCE + 1)


class Plain(forms.Form):
    """Takes away placeholders, says what an address looks like, and asks for digits where a code is typed.

    `code_label`: where that code is to be found.
    """

    code_label = gettext_lazy("The code from the mail")
    email_label = gettext_lazy("Your e-mail address")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            if isinstance(field, forms.EmailField):
                field.label = self.email_label
                field.error_messages["invalid"] = gettext_lazy(
                    "Fill in an e-mail address, such as name@example.com."
                )
            if name == "code":
                field.label = self.code_label
                field.widget.attrs |= {"inputmode": "numeric", "class": "input-code"}


class LoginForm(Plain, account.LoginForm):  # type: ignore[misc]  # allauth ships no types
    def clean(self) -> Any:
        """Lets allauth know of an address that a colleague gave, so that one code is enough to show that it is right."""
        cleaned = super().clean()
        if self.user is not None:
            sync_user_email_address(self.user)
        return cleaned


class SignupForm(Plain, account.SignupForm):  # type: ignore[misc]
    pass


class NewAddressForm(Plain, account.AddEmailForm):  # type: ignore[misc]
    email_label = gettext_lazy("New e-mail address")


class OtherAddressForm(Plain, account.ChangeEmailForm):  # type: ignore[misc]
    pass


class LoginCodeForm(Plain, account.ConfirmLoginCodeForm):  # type: ignore[misc]
    pass


class AddressCodeForm(Plain, account.ConfirmEmailVerificationCodeForm):  # type: ignore[misc]
    pass


class FromTheApp(Plain):
    code_label = gettext_lazy("The code from your app")


class OneTime(FromTheApp):
    """Takes each code once, for as long as it is valid. allauth forgets a used one earlier than our tolerance ends."""

    user: User

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]  # of the form of allauth beside us
        if not cache.add(f"second-step:{self.user.pk}:{code}", "used", timeout=CODE_IS_VALID_SECONDS):
            raise get_adapter().validation_error("incorrect_code")
        return code


class SecondStepForm(OneTime, mfa.AuthenticateForm):  # type: ignore[misc]
    pass


class SecondStepAgainForm(OneTime, mfa.ReauthenticateForm):  # type: ignore[misc]
    pass


class AppForm(FromTheApp, totp.ActivateTOTPForm):  # type: ignore[misc]
    pass
