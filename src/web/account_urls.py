"""The sign-in pages of allauth that we use. Those about passwords are left out: nobody has one."""

from allauth.account import views
from django.urls import include, path
from django.views.generic import RedirectView

from web.second_step import AddPasskey, SetUpApp

urlpatterns = [
    path("inloggen/", views.login, name="account_login"),
    path("inloggen/code/", views.confirm_login_code, name="account_confirm_login_code"),
    path(
        "inloggen/code/nieuw/",
        RedirectView.as_view(pattern_name="account_login", query_string=True),
        name="account_request_login_code",
    ),
    path("nieuw/", views.signup, name="account_signup"),
    path("uitloggen/", views.logout, name="account_logout"),
    path("niet-actief/", views.account_inactive, name="account_inactive"),
    path("e-mail/", views.email, name="account_email"),
    path("e-mail/code/", views.email_verification_sent, name="account_email_verification_sent"),
    path(
        "opnieuw/",
        RedirectView.as_view(pattern_name="mfa_reauthenticate", query_string=True),
        name="account_reauthenticate",
    ),
    path("tweede-stap/totp/activate/", SetUpApp.as_view(), name="mfa_activate_totp"),
    path("tweede-stap/webauthn/add/", AddPasskey.as_view(), name="mfa_add_webauthn"),
    path("tweede-stap/", include("allauth.mfa.urls")),
]
