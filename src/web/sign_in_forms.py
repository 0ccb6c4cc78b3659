"""allauth's forms without placeholders: a label says what a field is for, also after typing."""

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from django import forms


class Plain(forms.Form):
    """Takes away placeholders, and asks for digits where a code is typed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            if name == "code":
                field.widget.attrs |= {"inputmode": "numeric", "class": "input-code"}


class LoginForm(Plain, account.LoginForm):  # type: ignore[misc]  # allauth ships no types
    pass


class SignupForm(Plain, account.SignupForm):  # type: ignore[misc]
    pass


class NewAddressForm(Plain, account.AddEmailForm):  # type: ignore[misc]
    pass


class OtherAddressForm(Plain, account.ChangeEmailForm):  # type: ignore[misc]
    pass


class LoginCodeForm(Plain, account.ConfirmLoginCodeForm):  # type: ignore[misc]
    pass


class AddressCodeForm(Plain, account.ConfirmEmailVerificationCodeForm):  # type: ignore[misc]
    pass


class SecondStepForm(Plain, mfa.AuthenticateForm):  # type: ignore[misc]
    pass


class SecondStepAgainForm(Plain, mfa.ReauthenticateForm):  # type: ignore[misc]
    pass


class AppForm(Plain, totp.ActivateTOTPForm):  # type: ignore[misc]
    pass
