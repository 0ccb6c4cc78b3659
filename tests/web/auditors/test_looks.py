"""The access log: every look as a code, in the words of who reads it."""

import pytest
from django.test import Client

from people.models import AccessLog
from tests.cast import NOW
from tests.web.auditors.conftest import Desk
from tests.web.auditors.test_balance import text

YEAR = {"since": "2026-01-01", "until": "2026-12-31"}
What = AccessLog.What


def wrote(desk: Desk, what: AccessLog.What, number: int | None = None, /, **about: str | int) -> None:
    AccessLog.objects.create(
        user=desk.road.here.karin,
        organisation=desk.road.here.klinker,
        at=NOW,
        what=what,
        number=number,
        about=about,
    )


def test_what_staff_looked_at_is_told_in_the_language_of_who_reads(mees: Client, desk: Desk) -> None:
    account = desk.road.campaign.initiator.payee_accounts.get()
    wrote(desk, What.RECEIPT, 12)
    wrote(desk, What.CHEQUE, 1)
    wrote(desk, What.BANK_ACCOUNT, account.pk)
    wrote(desk, What.BANK_STATEMENT, 3, name="2026-0003")
    wrote(desk, What.BANK_LINE, 7)
    wrote(desk, What.PAYMENT_FILE, 2, name="BUURTPOT-RUN-2")
    wrote(desk, What.LETTERS, 4, name="Uitgifte november", document=1)
    wrote(desk, What.WORDS, words="receipt 11")  # a row of before there were codes
    dutch = text(mees.get("/controle/inzage/"))
    for words in (
        "Karin Bon 12",
        "Karin Cheque 1",
        "Karin Rekeningnummer van Fatma Yıldız",
        "Karin Bankafschrift 2026-0003",
        "Karin Bankregel 7",
        "Karin Betaalbestand BUURTPOT-RUN-2",
        "Karin Brieven van uitgifte Uitgifte november, pdf 1",
        "Karin receipt 11",
    ):
        assert words in dutch
    mees.cookies["django_language"] = "en"
    english = text(mees.get("/controle/inzage/"))
    assert "Karin Receipt 12" in english
    assert "Karin Bank account number of Fatma Yıldız" in english
    assert "Fatma" not in str(list(AccessLog.objects.values_list("what", "about")))


def test_what_the_auditor_looked_at_is_told_too(mees: Client, desk: Desk) -> None:
    mees.get("/controle/", YEAR)
    mees.get("/controle/", YEAR | {"fund": ""})
    mees.get("/controle/boekingen/", {"q": "Irisplein"})
    wrote(desk, What.BALANCE_FILE, fund="Buurtcheques 2026", **YEAR)
    page = text(mees.get("/controle/inzage/"))
    period = "Buurtcheques 2026, 01-01-2026 tot en met 31-12-2026"
    for words in (
        f"Proef- en saldibalans: {period}",
        "Boekingen, gezocht op “Irisplein”",
        f"Proef- en saldibalans als bestand: {period}",
        "Inzage",
    ):
        assert words in page


@pytest.mark.parametrize("what", [what for what in What if what != What.WORDS])
def test_every_look_has_words(what: AccessLog.What, mees: Client, desk: Desk) -> None:
    wrote(
        desk,
        what,
        2026,
        fund="",
        since="2026-01-01",
        until="2026-12-31",
        text="",
        code=2300,
        name="",
        page=1,
        document=1,
        kind="csv" if what in (What.EXPORT_ASKED, What.EXPORT_TAKEN) else "receipt",
        flow="gifts",
        method="random",
        size=25,
        seed="1",
    )
    assert "Karin" in text(mees.get("/controle/inzage/"))
