"""What the application may remove at all: a short list, on which nothing of money stands."""

import pytest

from tests.ledger.roles import NO_RIGHT, refusal, run

# Sessions and sign-in, texts and pictures that somebody may take back, old mail, and what is made anew from elsewhere.
# A note may be erased, for it may hold personal data: the entry keeps a commitment to it.
REMOVABLE = {
    *("account_emailaddress", "account_emailconfirmation", "django_session", "mfa_authenticator"),
    *("auth_group", "auth_group_permissions", "auth_permission", "django_content_type"),
    *("campaigns_budgetline", "campaigns_campaign_waivers", "campaigns_finalreport", "campaigns_photo"),
    *(
        "campaigns_update",
        "cheques_chequerun_neighbourhoods",
        "cheques_failedtries",
        "cheques_letterdocument",
    ),
    *("common_mail", "common_storedfile", "ledger_note", "people_membership", "people_organisation"),
    *("people_user", "places_district", "places_dwelling", "places_dwellingimport", "places_estate"),
    *("places_municipality", "places_neighbourhood", "programmes_districtshare"),
}


@pytest.mark.django_db
def test_the_application_may_remove_nothing_but_this() -> None:
    rights = run(
        "SELECT table_name FROM information_schema.role_table_grants"
        " WHERE grantee = current_user AND privilege_type = 'DELETE'"
    )
    assert {table for (table,) in rights} == REMOVABLE


@pytest.mark.django_db
@pytest.mark.parametrize(
    "table", ["payments_payeeaccount", "campaigns_pledge", "cheques_purse", "programmes_grant"]
)
def test_a_row_of_money_is_not_removed(table: str) -> None:
    assert refusal(f"DELETE FROM {table}").sqlstate == NO_RIGHT  # noqa: S608 - from the list above
