"""The whole road once, as people take it: from a budget to an audited receipt, on a phone, in Dutch."""

import io
import json
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pypdfium2
import pytest
import pyxaf
import zxingcpp
from allauth.account.models import EmailAddress
from django.conf import settings
from django.utils import timezone
from PIL import Image, ImageDraw
from playwright.sync_api import Browser

from books.models import Export
from campaigns.models import Campaign, State
from cheques.models import Cheque, ChequeRun
from ledger import queries as books
from payments.bank import camt053_writer
from payments.bank.camt053 import Line, Statement
from payments.models import BankStatement, Donation, Payout
from people.models import User
from programmes.models import FundingRequest
from tests import cast
from tests.browsing import a_browser
from tests.journeys.visitor import Visitor
from tests.running import RunningSite, running_site, wait_until
from tests.web.signing_in import give_second_factor


@dataclass
class Road:
    """Who walks it, and where."""

    here: cast.World
    site: RunningSite
    browser: Browser

    def visitor(self, user: User | None = None) -> Visitor:
        visitor = Visitor(self.browser, self.site)
        if user is not None:
            visitor.sign_in(user)
        return visitor


@pytest.mark.slow
def test_money_travels_from_a_budget_to_an_audited_receipt(own_database: str, tmp_path: Path) -> None:
    here = cast.world()
    staff = [here.karin, here.youssef, here.bea, here.mees, here.thea]
    for user in [*staff, here.fatma]:
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    for user in staff:
        give_second_factor(user)
    with a_browser() as browser, running_site(own_database, tmp_path / "run") as site:
        road = Road(here, site, browser)
        karin, youssef, thea = (road.visitor(user) for user in (here.karin, here.youssef, here.thea))
        reference = make_programme(karin)
        run = prepare_cheques(road, karin)
        not_before_the_money(youssef, run)
        take_in_statement(
            thea, cast.line(2_250_00, structured_reference=reference, counterparty_name="De Klinker")
        )
        take_in_again(thea)
        issue_cheques(youssef, run)
        letters = read_letters(karin, run)
        fatma = road.visitor(here.fatma)
        campaign = open_campaign(fatma)
        review(road.visitor(here.bea), campaign)
        activate_and_give(road.visitor(), letters[0], campaign)
        activate_by_typing(road.visitor(), letters[1], campaign)
        donate(road, campaign)
        payout = pay_out(road, campaign, fatma, karin, youssef, thea)
        account_for_it(fatma, karin, thea, campaign, payout)
        look_as_anyone(road.visitor(), campaign)
        audit(road.visitor(here.mees), run, tmp_path)
        found = json.loads(site.manage("check_books", "--json"))
        assert [check for check in found["checks"] if not check["ok"]] == []


def make_programme(karin: Visitor) -> str:
    """1. Karin makes a programme; it shows a payment reference and a QR code to pay it."""
    karin.go("/beheer/regelingen/nieuw/")
    today = timezone.localdate()
    karin.fill(
        name="Buurtcheques",
        starts_on=today.isoformat(),
        ends_on=(today + timedelta(days=300)).isoformat(),
        budget="2.250,00",
        cheque_value="7,50",
        days_to_activate="42",
        max_target="5.000,00",
    )
    karin.press("Maak deze regeling")
    reference = FundingRequest.objects.get().reference
    karin.reads(" ".join(reference[at : at + 4] for at in range(0, len(reference), 4)), "€ 2.250,00")
    return reference


def statement(*lines: Line) -> bytes:
    before = BankStatement.objects.order_by("-pk").first()
    opening_cents = before.closing_cents if before else 0
    return camt053_writer.write(
        Statement(
            identification=f"AFSCHRIFT-{before.pk + 1 if before else 1}",
            sequence_number=None,
            iban=settings.OPERATOR_IBAN,
            opening_cents=opening_cents,
            opening_on=timezone.localdate(),
            closing_cents=opening_cents + sum(line.signed_cents for line in lines),
            closing_on=timezone.localdate(),
            created_at=timezone.now(),
            lines=lines,
        )
    )


def take_in_statement(thea: Visitor, *lines: Line) -> None:
    """2. Thea takes in the bank's statement; what it says is recognised and booked."""
    content = statement(*lines)
    thea.go("/beheer/bank/")
    thea.attach("file", "afschrift.xml", content, "application/xml")
    thea.press("Lees in en boek")
    assert BankStatement.objects.latest("pk").lines.exclude(kind="unknown").count() == len(lines)


def take_in_again(thea: Visitor) -> None:
    last = BankStatement.objects.latest("pk")
    again = statement_of(last)
    thea.go("/beheer/bank/")
    thea.attach("file", "afschrift.xml", again, "application/xml")
    thea.press("Lees in en boek")
    assert BankStatement.objects.count() == 1


def statement_of(row: BankStatement) -> bytes:
    """The same statement as it came."""
    return camt053_writer.write(
        Statement(
            identification=row.identification,
            sequence_number=None,
            iban=row.iban,
            opening_cents=row.opening_cents,
            opening_on=row.opening_on,
            closing_cents=row.closing_cents,
            closing_on=row.closing_on,
            created_at=row.imported_at,
            lines=tuple(
                cast.line(
                    line.amount_cents,
                    credit=line.credit,
                    on=line.booked_on,
                    structured_reference=line.reference,
                    counterparty_name=line.counterparty,
                )
                for line in row.lines.all()
            ),
        )
    )


def prepare_cheques(road: Road, karin: Visitor) -> ChequeRun:
    """3. Karin takes in the list of dwellings and prepares a run."""
    code = road.here.bloemenbuurt.code
    rows = "".join(f"Irisplein;{number};3071 AB;Oeverdam;{code}\n" for number in range(1, 13))
    karin.go("/beheer/adressen/inlezen/")
    karin.attach(
        "file", "adressen.csv", f"straat;huisnummer;postcode;plaats;buurtcode\n{rows}".encode(), "text/csv"
    )
    karin.press("Lees deze lijst in")
    karin.go("/beheer/uitgiften/nieuw/")
    karin.fill(name="December")
    karin.tick(neighbourhoods=str(road.here.bloemenbuurt.pk))
    karin.press("Bekijk wat het kost")
    karin.reads("€ 90,00")
    karin.press("Zet 12 cheques klaar")
    return ChequeRun.objects.get()


def not_before_the_money(youssef: Visitor, run: ChequeRun) -> None:
    """More than the budget is refused: the page says so, and the ledger does to who sends the form all the same."""
    youssef.go(f"/beheer/uitgiften/{run.pk}/uitgeven/")
    youssef.reads("Er is nu te weinig budget: € 0,00. De uitgifte kost € 90,00")
    assert youssef.page.get_by_role("button", name="Ja, geef").count() == 0
    youssef.page.evaluate("document.querySelector('main form').requestSubmit()")
    youssef.reads("Er is te weinig budget: de uitgifte kost € 90,00 en er is € 0,00.")
    run.refresh_from_db()
    assert (run.state, Cheque.objects.count()) == (ChequeRun.State.PREPARED, 0)


def issue_cheques(youssef: Visitor, run: ChequeRun) -> None:
    """3. Youssef issues what Karin prepared, and the worker makes the letters."""
    youssef.go(f"/beheer/uitgiften/{run.pk}/")
    youssef.follow("Geef € 90,00 uit")
    youssef.press("Ja, geef € 90,00 uit")
    wait_until(lambda: ChequeRun.objects.get().state == ChequeRun.State.PRINTED, "the worker made no letters")


def read_letters(karin: Visitor, run: ChequeRun) -> list[tuple[str, str]]:
    """4. The letters: for each the address behind its QR code, and the code that is printed on it."""
    karin.go(f"/beheer/uitgiften/{run.pk}/")
    letters = []
    with pypdfium2.PdfDocument(karin.download("Download PDF 1")) as document:
        for page in document:
            qr = zxingcpp.read_barcodes(page.render(scale=3).to_pil())[0].text
            printed = re.search(r"(?:[0-9A-Z]{4}[ -]){3}[0-9A-Z]{4}", page.get_textpage().get_text_bounded())
            assert printed is not None
            letters.append((qr, printed.group()))
    assert len(letters) == 12
    return letters


def activate_and_give(resident: Visitor, letter: tuple[str, str], campaign: Campaign) -> None:
    """5. A resident scans the QR code, makes the cheque active, gives a part and keeps the rest."""
    qr, _printed = letter
    assert qr.startswith(resident.site.url)
    resident.page.goto(qr)
    resident.page.wait_for_url("**/cheque/")
    resident.look()
    resident.reads("€ 7,50")
    assert "#" not in resident.page.url
    assert Cheque.objects.filter(state=Cheque.State.ACTIVATED).count() == 0
    resident.press("Maak mijn cheque actief")
    resident.go(f"/cheque/geven/{campaign.slug}/")
    resident.fill(amount="5,00")
    resident.press("Geef dit bedrag")
    resident.reads("€ 5,00", "€ 2,50")


def activate_by_typing(resident: Visitor, letter: tuple[str, str], campaign: Campaign) -> None:
    """The same with a typed code, and all of it in one go."""
    resident.go("/c")
    resident.fill(code=letter[1].lower())
    resident.press("Open mijn cheque")
    resident.press("Maak mijn cheque actief")
    resident.press("Geef € 7,50")


def open_campaign(fatma: Visitor) -> Campaign:
    """6. Fatma opens a campaign with what it costs."""
    fatma.go("/mijn/initiatief/nieuw/")
    fatma.tick(kind="person", theme="seat")
    fatma.fill(
        name="Fatma Yıldız",
        title="Een bank op het Irisplein",
        summary="Een stevige bank onder de grote boom.",
        story="Op het Irisplein kun je nergens zitten. Wij zetten er een bank neer.",
        deadline=(timezone.localdate() + timedelta(days=30)).isoformat(),
    )
    fatma.fill(**{"lines-0-description": "Bank van hardhout", "lines-0-amount": "20,00"})
    fatma.fill(**{"lines-1-description": "Verf", "lines-1-amount": "12,50"})
    fatma.page.locator("main [name='place']").select_option(index=1)
    fatma.press("Bewaar en kijk na")
    fatma.reads("€ 32,50")
    fatma.press("Verstuur mijn plan")
    return Campaign.objects.get()


def review(bea: Visitor, campaign: Campaign) -> None:
    """6. Bea, the broker, approves it, and the worker mails Fatma so."""
    bea.go(f"/beheer/initiatieven/{campaign.slug}/")
    bea.press("Keur goed")
    campaign.refresh_from_db()
    assert campaign.state == State.COLLECTING
    fatma = campaign.initiator.user
    wait_until(lambda: "Uw initiatief is open" in bea.mails_to(fatma)[0].subject, "the worker sent no mail")


def donate(road: Road, campaign: Campaign) -> None:
    """7. Henk, a neighbour, pays € 20,00 at the hosted page; the webhook makes the worker look at Stripe."""
    henk = road.visitor()
    henk.go(f"/initiatief/{campaign.slug}/")
    henk.tick(choice="other")
    henk.fill(other="20,00")
    with henk.page.expect_navigation(url=f"{road.site.stripe_url}/**"):
        henk.page.locator("#donate button").last.click()
    henk.look()
    with henk.page.expect_navigation(url=f"{road.site.url}/**"):
        henk.page.locator("button[value='pay']").click()
    wait_until(lambda: Donation.objects.get().state == Donation.State.PAID, "the donation was not booked")
    henk.page.reload()
    henk.look()
    henk.reads("€ 20,00")
    campaign.refresh_from_db()
    assert (campaign.state, campaign.given_cents) == (State.REACHED, 32_50)
    assert Donation.objects.get().fee_cents == 35


def pay_out(
    road: Road, campaign: Campaign, fatma: Visitor, karin: Visitor, youssef: Visitor, thea: Visitor
) -> Payout:
    """8. Karin proposes the payout, Youssef approves it, Thea makes the file; the bank's statement confirms it."""
    fatma.go(f"/mijn/initiatief/{campaign.slug}/rekening/")
    fatma.fill(holder="F. Yildiz", iban="NL91 ABNA 0417 1643 00")
    fatma.press("Bewaar mijn rekeningnummer")
    karin.go("/beheer/uitbetalingen/")
    karin.follow("Bekijk en beslis")
    karin.press("Ja, keur deze rekening goed")
    at_stripe = road.site.stripe("/_control/payouts").json()
    take_in_statement(
        thea, cast.line(at_stripe["amount"], on=timezone.localdate(), remittance=f"STRIPE {at_stripe['id']}")
    )
    karin.go("/beheer/uitbetalingen/")
    karin.press("Stel € 32,15 voor")
    payout = Payout.objects.get()
    youssef.go(f"/beheer/uitbetalingen/{payout.pk}/")
    youssef.follow("Bekijk en beslis")
    youssef.press("Ja, betaal € 32,15 uit")
    thea.go("/beheer/bank/betaalbestanden/")
    thea.follow("Maak een bestand met 1 betaling")
    thea.fill(execute_on=timezone.localdate().isoformat())
    thea.press("Ja, maak het bestand van € 32,15")
    assert b"pain.001.001.09" in thea.download("BUURTPOT-RUN")
    line = cast.line(32_15, credit=False, on=timezone.localdate(), end_to_end_id=payout.end_to_end_id)
    take_in_statement(thea, line)
    payout.refresh_from_db()
    assert payout.state == Payout.State.CONFIRMED
    return payout


def till_receipt() -> bytes:
    picture = Image.new("RGB", (600, 900), "white")
    ImageDraw.Draw(picture).text((60, 80), "Bouwmarkt  EUR 30,00", fill="black")
    out = io.BytesIO()
    picture.save(out, "JPEG")
    return out.getvalue()


def account_for_it(fatma: Visitor, karin: Visitor, thea: Visitor, campaign: Campaign, payout: Payout) -> None:
    """9. Fatma hands in a receipt, Karin approves it, what is left comes back by bank: now it is all accounted for."""
    fatma.go(f"/mijn/initiatief/{campaign.slug}/bon/")
    fatma.attach("photo", "bon.jpg", till_receipt(), "image/jpeg")
    fatma.fill(
        amount="30,00",
        supplier="Bouwmarkt De Hoek",
        description="Bank en verf",
        bought_on=timezone.localdate().isoformat(),
    )
    fatma.press("Lever deze bon in")
    receipt = campaign.receipts.get()
    karin.go(f"/beheer/bonnen/{receipt.pk}/")
    karin.press("Ja, keur € 30,00 goed")
    line = cast.line(2_15, on=timezone.localdate(), structured_reference=payout.leftover_reference)
    take_in_statement(thea, line)
    campaign.refresh_from_db()
    assert campaign.state == State.DONE


def look_as_anyone(anyone: Visitor, campaign: Campaign) -> None:
    """10. The campaign's page and the neighbourhood's show where the money came from and went."""
    anyone.go(f"/initiatief/{campaign.slug}/")
    anyone.reads("€ 32,50", "Bouwmarkt De Hoek", "€ 30,00")
    anyone.go(f"/buurt/{campaign.neighbourhood.slug}/")
    anyone.reads("€ 32,50", "€ 30,00", "€ 2,15")


def made_by_worker(mees: Visitor, button: str) -> bytes:
    """Asked for on the page of the balance, and taken from the top of the list of files."""
    mees.go("/controle/")
    mees.press(button)
    wait_until(lambda: not Export.objects.unfinished().exists(), "the worker did not make the file")
    mees.page.reload()
    return mees.download("Download")


def audit(mees: Visitor, run: ChequeRun, tmp_path: Path) -> None:
    """11. Mees sees the trial balance, an account with its lines, the entry behind one, and takes the files with him."""
    mees.go("/controle/")
    mees.reads("2.250,00", "gelijk")
    mine = made_by_worker(mees, "Auditfile")
    assert list(pyxaf.validate(mine).findings) == []
    assert "cheques issued" in made_by_worker(mees, "Dagboek (CSV)").decode()
    mees.go("/controle/")
    mees.follow("Budget, nog niet uitgegeven")
    mees.reads("Storting op de bank", "Cheques uitgegeven", "2.160,00")
    issued = books.entries_by_source(source=f"run:{run.pk}").get()
    mees.follow(str(issued.pk))
    mees.reads("Cheques uitgegeven", "Karin", "Youssef", "90,00")
    whole = tmp_path / "audit.xaf"
    mees.site.manage("export_auditfile", "--year", str(timezone.localdate().year), "--output", str(whole))
    assert list(pyxaf.validate(whole.read_bytes()).findings) == []
