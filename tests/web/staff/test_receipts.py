"""Karin looks at receipts. Approved, the money counts as spent."""

from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import ProgrammingError, connections
from django.urls import reverse

from campaigns import receipts
from campaigns.models import Receipt
from common import files
from people.models import AccessLog, User
from tests.cast import NOW, TODAY
from tests.post import delivered
from tests.web.staff import street
from tests.web.staff.street import Street, as_


def post(user: User, verb: str, receipt: Receipt, **fields: str) -> Any:
    return as_(user).post(reverse(f"staff_{verb}_receipt", args=[receipt.pk]), fields, follow=True)


def state_of(receipt: Receipt) -> str:
    return Receipt.objects.get(pk=receipt.pk).state


def test_an_approved_receipt_counts_as_spent_once(here: Street) -> None:
    assert sum(receipts.unaccounted(here.paid).values()) == 1_500
    page = post(here.world.karin, "approve", here.receipt).content.decode()
    assert "Goedgekeurd: de bon van €\u00a012,00 van Bouwmarkt." in page
    assert sum(receipts.unaccounted(here.paid).values()) == 300
    page = post(here.world.karin, "approve", here.receipt).content.decode()
    assert "Over deze bon is al beslist." in page
    assert sum(receipts.unaccounted(here.paid).values()) == 300


def test_a_receipt_goes_back_with_a_reason_by_mail(here: Street) -> None:
    assert post(here.world.karin, "refuse", here.receipt, reason="").status_code == 422
    page = post(
        here.world.karin, "refuse", here.receipt, reason="De datum is niet te lezen."
    ).content.decode()
    assert "Niet goedgekeurd: de bon van €\u00a012,00." in page
    assert state_of(here.receipt) == Receipt.State.REFUSED
    (sent,) = delivered()
    assert sent.to == [here.world.fatma.email]
    assert "De datum is niet te lezen." in sent.body


def test_a_decision_whose_mail_cannot_be_written_is_not_made(own_database: str) -> None:
    here = street.build()
    with connections["owner"].cursor() as owner:
        owner.execute("REVOKE INSERT ON common_mail FROM buurtpot_app")
    for verb in ("approve", "refuse"):
        with pytest.raises(ProgrammingError):
            post(here.world.karin, verb, here.receipt, reason="Dit is niet te lezen.")
    assert state_of(here.receipt) == Receipt.State.SUBMITTED
    assert sum(receipts.unaccounted(here.paid).values()) == 1_500


def test_nobody_decides_about_a_receipt_that_they_handed_in(here: Street) -> None:
    Receipt.objects.filter(pk=here.receipt.pk).update(submitted_by=here.world.karin)
    shown = as_(here.world.karin).get(reverse("staff_receipt", args=[here.receipt.pk])).content.decode()
    assert "U hebt deze bon zelf ingeleverd. Daarom moet een collega beslissen." in shown
    assert reverse("staff_approve_receipt", args=[here.receipt.pk]) not in shown
    for verb in ("approve", "refuse"):
        page = post(here.world.karin, verb, here.receipt, reason="Toch niet goed.").content.decode()
        assert "U hebt deze bon zelf ingeleverd." in page
    assert state_of(here.receipt) == Receipt.State.SUBMITTED


def test_the_picture_is_shown_to_staff_and_each_look_is_written_down(here: Street) -> None:
    answer = as_(here.world.karin).get(reverse("staff_receipt_file", args=[here.receipt.pk]))
    assert answer.content == street.picture()
    assert (answer["Content-Type"], answer["X-Content-Type-Options"], answer["Cache-Control"]) == (
        "image/jpeg",
        "nosniff",
        "no-store",
    )
    assert AccessLog.objects.get(what=AccessLog.What.RECEIPT, number=here.receipt.pk).user == here.world.karin


@pytest.mark.parametrize("mime_type", ["application/pdf", "text/html", "image/svg+xml"])
def test_what_is_no_picture_is_saved_and_never_opened_on_the_page(mime_type: str, here: Street) -> None:
    invoice = receipts.hand_in(
        campaign_id=here.paid.pk,
        file=files.store(content=b"<script>alert(1)</script>", name="x", mime_type=mime_type, now=NOW),
        supplier="Verhuur",
        description="Tafels",
        bought_on=TODAY,
        amount_cents=100,
        by=here.world.fatma,
        now=NOW,
    )
    answer = as_(here.world.karin).get(reverse("staff_receipt_file", args=[invoice.pk]))
    assert answer["Content-Disposition"].startswith("attachment")
    page = as_(here.world.karin).get(reverse("staff_receipt", args=[invoice.pk])).content.decode()
    assert "Download de factuur" in page


def test_a_file_that_was_changed_in_the_storage_is_not_shown(here: Street) -> None:
    with default_storage.open(here.receipt.file.path, "wb") as opened:
        opened.write(b"something else")
    answer = as_(here.world.karin).get(reverse("staff_receipt_file", args=[here.receipt.pk]))
    assert answer.status_code == 404
    assert "Dit bestand is veranderd" in answer.content.decode()


@pytest.mark.parametrize(
    ("query", "count"),
    [({}, 1), ({"state": "approved"}, 0), ({"q": "bouw"}, 1), ({"q": "niets"}, 0), ({"state": "x"}, 1)],
)
def test_receipts_are_found_by_state_and_word(query: dict[str, str], count: int, here: Street) -> None:
    page = as_(here.world.karin).get(reverse("staff_receipts"), query).context["page"]
    assert page.paginator.count == count


def test_a_receipt_that_waits_has_one_word_above_the_list_and_in_it(here: Street) -> None:
    page = as_(here.world.karin).get(reverse("staff_receipts"))
    assert [str(word) for _state, word in page.context["states"]] == [
        "Wordt bekeken",
        "Goedgekeurd",
        "Niet goedgekeurd",
    ]
    assert page.content.decode().count("Wordt bekeken") == 2


def test_the_plan_beside_a_receipt_adds_up(here: Street) -> None:
    page = as_(here.world.karin).get(reverse("staff_receipt", args=[here.receipt.pk])).content.decode()
    plan, _apart = page[page.index("staff-todo") :].split("</ul>", 1)
    assert "Samen nodig" in plan
    assert "€\u00a015,00" in plan
    assert "Uitbetaald, nog niet verantwoord" not in plan
    assert "Waarom keurt u het niet goed?" in page
