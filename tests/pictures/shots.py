"""Every page of the road, with data, without, and with an error: who looks, at what, and what they do first."""

import re
from collections.abc import Callable
from datetime import timedelta

from django.core.cache.backends.filebased import FileBasedCache
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page

from books.models import Export
from books.stripe_differences import stripe_explained
from campaigns.models import Campaign, Receipt, State
from cheques.models import Cheque, ChequeRun
from ledger import heads
from ledger import operations as ledger
from ledger import queries as books
from ledger.chart import Code
from payments import payees, payouts
from payments.models import BankLine, Donation, PayeeAccount, Payout
from people.models import Membership, Organisation, Role, User
from programmes.models import FundingRequest, Grant, Programme
from tests import cast
from tests.pictures.gallery import Act, Gallery, Shot
from tests.running import wait_until
from tests.web.residents.letters import letter
from tests.web.signing_in import give_second_factor
from web import demo_pages

OTHER_IBAN = "NL39RABO0300065264"


def submit(page: Page, selector: str = "main form button") -> None:
    with page.expect_navigation():
        page.locator(selector).first.click()


def type_code(code: str) -> Act:
    def act(page: Page) -> None:
        page.locator("main [name=code]").first.fill(code)
        submit(page)

    return act


def upload(name: str, content: bytes, button: str = "main form[enctype] button") -> Act:
    def act(page: Page) -> None:
        page.locator("main [type=file]").set_input_files(
            {"name": name, "mimeType": "text/plain", "buffer": content}
        )
        submit(page, button)

    return act


def somebody(role: Role, slug: str = "de-klinker") -> User:
    return Membership.objects.filter(role=role, organisation__slug=slug).order_by("pk")[0].user


def public_shots(gallery: Gallery) -> list[Shot]:
    shots = [
        Shot("home", "/"),
        Shot("help", "/hulp/"),
        Shot("trail", "/elke-euro/"),
        Shot("privacy", "/privacy/"),
    ]
    shots += [Shot("accessibility", "/toegankelijkheid/"), Shot("not-found", "/nergens/")]

    def wrong_signature(page: Page) -> None:
        page.locator("main [name=signature]").fill("00" * 64)
        submit(page)

    shots += [
        Shot("seals", "/zegels/"),
        Shot("seals-none", "/zegels/?q=nergens"),
        Shot("seal", "/zegels/1/"),
        Shot("seal-witness", "/zegels/1/getuige/"),
        Shot("seal-witness-wrong", "/zegels/1/getuige/", act=wrong_signature),
    ]
    shots += [Shot(f"fault-{status}", f"/demo/fout/{status}/") for status in demo_pages.FAULTS]
    for state in [State.COLLECTING, State.REACHED, State.PAID, State.DONE, State.FAILED]:
        campaign = Campaign.objects.filter(
            state=state, rules__programme__organisation__slug="de-klinker"
        ).latest("pk")
        shots.append(Shot(f"campaign-{state}", f"/initiatief/{campaign.slug}/"))
    busy = Campaign.objects.filter(state=State.COLLECTING).order_by("-times_given")[0]
    shots.append(Shot("neighbourhood", f"/buurt/{busy.neighbourhood.slug}/"))
    shots.append(Shot("campaign-gifts", f"/initiatief/{busy.slug}/giften/"))
    for state in (State.DONE, State.FAILED):
        campaign = Campaign.objects.filter(state=state).order_by("-times_given", "pk")[0]
        shots.append(Shot(f"campaign-money-{state}", f"/initiatief/{campaign.slug}/geld/"))
    elsewhere = Campaign.objects.get(
        state=State.COLLECTING, rules__programme__organisation__slug="noorderwal-wonen"
    )
    shots.append(Shot("campaign-other-organisation", f"/initiatief/{elsewhere.slug}/"))
    for paid in (Donation.State.PAID, Donation.State.REFUNDED):
        donation = Donation.objects.filter(state=paid).latest("pk")
        shots.append(Shot(f"donation-{paid}", f"/donatie/{donation.reference}/"))

    def nothing(page: Page) -> None:
        page.locator("#donate [name=choice][value=other]").check(force=True)
        page.locator("#donate [name=other]").fill("0")
        submit(page, "#donate button")

    shots.append(Shot("campaign-wrong-amount", f"/initiatief/{busy.slug}/", act=nothing))
    for name, press in (("unpaid", "a.back"), ("waiting", "[value=later]"), ("failed", "[value=later]")):
        act = donating(gallery, press, fails=name == "failed")
        shots.append(Shot(f"donation-{name}", f"/initiatief/{busy.slug}/", act=act))
    return shots


def donating(gallery: Gallery, press: str, *, fails: bool) -> Act:
    """To the payment page and back. `fails`: the bank said later that it does not pay."""

    def act(page: Page) -> None:
        with page.expect_navigation(url=re.compile("/pay/")):
            page.locator("#donate button").last.click()
        session_id = page.url.split("/pay/")[1].split("#")[0]
        with page.expect_navigation(url=re.compile("/donatie/")):
            page.locator(press).click()
        if fails:
            gallery.site.stripe(f"/_control/checkout/{session_id}/fail").raise_for_status()
            failed = Donation.objects.filter(session_id=session_id, state=Donation.State.FAILED)
            wait_until(failed.exists, "the payment did not fail")
            # The page asks by itself, and shows itself anew.
            page.locator("#waiting").wait_for(state="detached", timeout=60_000)
            page.wait_for_load_state()

    return act


def resident_shots(gallery: Gallery) -> list[Shot]:
    fresh = Cheque.objects.filter(state=Cheque.State.MADE, run__activate_before__gt=timezone.now())
    first, second, third, stopped = (letter(cheque) for cheque in fresh.order_by("pk")[:4])
    late = letter(Cheque.objects.filter(state=Cheque.State.EXPIRED).order_by("pk")[0])
    halted = letter(
        Cheque.objects.filter(run=first.cheque.run, state=Cheque.State.ACTIVATED).order_by("pk")[0]
    )
    Cheque.objects.filter(pk__in=[stopped.cheque.pk, halted.cheque.pk]).update(frozen=True)

    def active(page: Page) -> None:
        type_code(first.code)(page)
        if "/cheque/saldo/" not in page.url:
            submit(page)

    def giving(page: Page) -> None:
        active(page)
        page.locator("main a", has_text="Geef een deel").first.click()

    def too_much(page: Page) -> None:
        giving(page)
        page.locator("main [name=amount]:visible").fill("99,00")
        submit(page, "main button:has-text('Geef dit bedrag')")

    def onward(name: str) -> Act:
        def act(page: Page) -> None:
            active(page)
            page.goto(gallery.site.url + reverse(name))

        return act

    def all_of_it(page: Page) -> None:
        type_code(third.code)(page)
        submit(page)
        submit(page, ".choice-item form button")

    def nothing_left(page: Page) -> None:
        type_code(third.code)(page)

    return [
        Shot("cheque-landing", "/c"),
        Shot("cheque-unknown", "/c", act=type_code("0000 0000 0000 0000")),
        Shot(
            "cheque-mistyped", "/c", act=type_code(first.code[:-1] + ("0" if first.code[-1] != "0" else "1"))
        ),
        Shot("cheque-too-short", "/c", act=type_code("ABC")),
        Shot("cheque-made", "/c", act=type_code(second.code)),
        Shot("cheque-expired", "/c", act=type_code(late.code)),
        Shot("cheque-frozen", "/c", act=type_code(stopped.code)),
        Shot("purse", "/c", act=active),
        Shot("purse-give", "/c", act=giving),
        Shot("purse-give-too-much", "/c", act=too_much),
        Shot("purse-choose", "/c", act=onward("cheque_choose")),
        Shot("purse-saved", "/c", act=onward("cheque_saved")),
        Shot("purse-given", "/c", act=all_of_it),
        Shot("purse-empty", "/c", act=nothing_left),
        Shot("purse-frozen", "/c", act=type_code(halted.code)),
    ]


def account_shots(gallery: Gallery) -> list[Shot]:
    def wrong(page: Page) -> None:
        page.locator("main [name=login]").fill("geen adres")
        submit(page)

    def ask(page: Page, name: str) -> None:
        page.locator("main [name=login]").fill(f"{name}@demo.buurtpot.example")
        submit(page)

    def code(page: Page) -> None:
        ask(page, "soraya")

    def second_step(page: Page) -> None:
        ask(page, "marloes")
        page.locator("main [name=code]").fill(code_mailed_to(gallery, "marloes"))
        submit(page)

    def wrong_app(page: Page) -> None:
        page.locator("main [name=code]").fill("000000")
        submit(page)

    staff = somebody(Role.STAFF)
    gerrit = User.objects.get(email="gerrit@demo.buurtpot.example")

    def wrong_code(page: Page) -> None:
        ask(page, "gerrit")
        page.locator("main [name=code]").fill("000000")
        submit(page)

    return [
        Shot("sign-in", "/account/inloggen/"),
        Shot("sign-in-wrong", "/account/inloggen/", act=wrong),
        Shot("sign-in-code", "/account/inloggen/", act=code),
        Shot("sign-in-code-wrong", "/account/inloggen/", act=wrong_code),
        Shot("sign-in-second-step", "/account/inloggen/", act=second_step),
        Shot("sign-up", "/account/nieuw/"),
        Shot("sign-out", reverse("account_logout"), gerrit),
        Shot("sign-in-address", reverse("account_email"), gerrit),
        Shot("second-step", reverse("mfa_index"), staff),
        Shot("second-step-none", reverse("mfa_index"), gerrit),
        Shot("second-step-app", reverse("mfa_activate_totp"), gerrit),
        Shot("second-step-app-wrong", reverse("mfa_activate_totp"), gerrit, wrong_app),
        Shot("second-step-app-away", reverse("mfa_deactivate_totp"), staff),
        Shot("second-step-codes-new", reverse("mfa_generate_recovery_codes"), staff),
        Shot("second-step-codes", reverse("mfa_generate_recovery_codes"), staff, submit),
        Shot("second-step-passkeys", reverse("mfa_list_webauthn"), staff),
        Shot("second-step-passkey-new", reverse("mfa_add_webauthn"), staff),
        Shot("second-step-again", reverse("mfa_reauthenticate"), staff),
        Shot("mailbox", "/demo/postvak/"),
        Shot("components", "/demo/onderdelen/"),
    ]


def code_mailed_to(gallery: Gallery, name: str) -> str:
    """The code in the newest mail to somebody, once it is there."""

    def codes() -> list[str]:
        mails = demo_pages.mails(gallery.site.run_dir / "mail")
        found = [re.search(r"^\s*([0-9]{6})\s*$", mail.text, re.M) for mail in mails if name in mail.to]
        return [code.group(1) for code in found if code]

    wait_until(codes, f"no mail with a code for {name}")
    return codes()[0]


def initiator_shots(gallery: Gallery) -> list[Shot]:
    shots = []
    for state in State.values:
        campaign = Campaign.objects.filter(state=state).order_by("pk")[0]
        shots.append(Shot(f"mine-{state}", f"/mijn/initiatief/{campaign.slug}/", campaign.initiator.user))
    user = User.objects.get(email="soraya@demo.buurtpot.example")
    paid = Campaign.objects.filter(state=State.PAID).order_by("pk")[0]
    owner = paid.initiator.user
    reached = Campaign.objects.filter(state=State.REACHED).order_by("pk")[0]
    draft = Campaign.objects.filter(state=State.DRAFT)[0]

    def empty(page: Page) -> None:
        submit(page, "main form[data-plan] .button-wide")

    return [
        *shots,
        Shot("mine", "/mijn/", user),
        Shot("mine-details", "/mijn/gegevens/", user),
        Shot("mine-new", "/mijn/initiatief/nieuw/", user),
        Shot("mine-new-wrong", "/mijn/initiatief/nieuw/", user, empty),
        Shot("mine-check", f"/mijn/initiatief/{draft.slug}/versturen/", draft.initiator.user),
        Shot("mine-account", f"/mijn/initiatief/{reached.slug}/rekening/", reached.initiator.user),
        Shot("mine-receipt", f"/mijn/initiatief/{paid.slug}/bon/", owner),
        Shot("mine-receipt-wrong", f"/mijn/initiatief/{paid.slug}/bon/", owner, lambda page: submit(page)),
        Shot("mine-news", f"/mijn/initiatief/{paid.slug}/nieuws/", owner),
        Shot("mine-photo", f"/mijn/initiatief/{paid.slug}/foto/", owner),
        Shot("mine-report", f"/mijn/initiatief/{paid.slug}/verslag/", owner),
    ]


def staff_shots(gallery: Gallery) -> list[Shot]:
    staff, broker = somebody(Role.STAFF), somebody(Role.BROKER)
    sponsor = somebody(Role.SPONSOR, "gemeente-oeverdam")
    run = ChequeRun.objects.filter(state=ChequeRun.State.PRINTED).order_by("pk")[0]
    waiting = ChequeRun.objects.filter(state=ChequeRun.State.PREPARED).order_by("pk")[0]
    payout = Payout.objects.filter(state=Payout.State.PROPOSED).order_by("pk")[0]
    submitted = Campaign.objects.filter(state=State.SUBMITTED).order_by("pk")[0]
    receipt = (
        Campaign.objects.filter(receipts__state="submitted").order_by("pk")[0].receipts.get(state="submitted")
    )
    account = PayeeAccount.objects.filter(approved_by=None).order_by("pk")[0]
    programme = Programme.objects.filter(organisation__slug="de-klinker").order_by("pk")[0]
    grant = Grant.objects.order_by("pk")[0]
    places = "&".join(f"neighbourhoods={place.pk}" for place in run.neighbourhoods.all())
    last_day = timezone.localdate() + timedelta(days=60)
    planned = f"name=Vierde+ronde&programme={programme.pk}&last_day={last_day}&{places}"
    wrong_list = b"straat;huisnummer;postcode;plaats;buurtcode\nIrisplein;nul;9;Oeverdam;BU1\n"
    return [
        Shot("staff-home", "/beheer/", staff),
        Shot("staff-tasks", "/beheer/wacht/", staff),
        Shot("staff-home-other-organisation", "/beheer/", somebody(Role.STAFF, "noorderwal-wonen")),
        Shot("staff-programmes", "/beheer/regelingen/", staff),
        Shot("staff-programme", f"/beheer/regelingen/{programme.pk}/", staff),
        Shot("staff-new-programme", "/beheer/regelingen/nieuw/", staff),
        Shot("staff-new-programme-wrong", "/beheer/regelingen/nieuw/", staff, lambda page: submit(page)),
        Shot("staff-new-rules", f"/beheer/regelingen/{programme.pk}/regels/", staff),
        Shot("staff-addresses", "/beheer/adressen/", staff),
        Shot("staff-import-wrong", "/beheer/adressen/inlezen/", staff, upload("lijst.csv", wrong_list)),
        Shot("staff-runs", "/beheer/uitgiften/", staff),
        Shot("staff-new-run", "/beheer/uitgiften/nieuw/", staff),
        Shot("staff-new-run-preview", f"/beheer/uitgiften/nieuw/?{planned}", staff),
        Shot("staff-run", f"/beheer/uitgiften/{run.pk}/", staff),
        Shot("staff-run-waiting", f"/beheer/uitgiften/{waiting.pk}/", staff),
        Shot("staff-issue", f"/beheer/uitgiften/{waiting.pk}/uitgeven/", staff),
        Shot("staff-cancel-run", f"/beheer/uitgiften/{waiting.pk}/annuleren/", staff),
        Shot("staff-cheques", "/beheer/cheques/", staff),
        Shot("staff-cheque", f"/beheer/cheques/{run.cheques.order_by('pk')[0].pk}/", staff),
        Shot("staff-campaigns", "/beheer/initiatieven/", broker),
        Shot("staff-review", f"/beheer/initiatieven/{submitted.slug}/", broker),
        Shot("staff-payouts", "/beheer/uitbetalingen/", staff),
        Shot("staff-payout", f"/beheer/uitbetalingen/{payout.pk}/", staff),
        Shot("staff-approve-payout", f"/beheer/uitbetalingen/{payout.pk}/goedkeuren/", staff),
        Shot("staff-approve-account", f"/beheer/uitbetalingen/rekening/{account.pk}/", staff),
        Shot("staff-receipts", "/beheer/bonnen/", staff),
        Shot("staff-receipt", f"/beheer/bonnen/{receipt.pk}/", staff),
        Shot("sponsor", "/beheer/bijdragen/", sponsor),
        Shot("sponsor-grant", f"/beheer/bijdragen/{grant.pk}/", sponsor),
    ]


def bank_shots(gallery: Gallery) -> list[Shot]:
    treasurer, approver = User.objects.get(name="Willem Kuipers"), User.objects.get(name="Idris Benali")
    second = User.objects.get(name="Ingrid Vos")

    def not_over(page: Page) -> None:
        page.locator("main [name='ends_on']").fill("2099-12-31")
        submit(page)

    def decide(page: Page) -> None:
        page.locator("main .card-act a.button").first.click()

    def withdraw(page: Page) -> None:
        page.locator("main .card-act a.button-second").click()

    def close(page: Page) -> None:
        decide(page)
        submit(page)

    line = BankLine.objects.filter(kind="unknown", recognised_at__isnull=True).order_by("pk")[0]
    asked = FundingRequest.objects.filter(fund__organisation__slug="de-klinker").order_by("pk")[0]
    witness = heads.witnesses()[0]
    for payout in Payout.objects.filter(state=Payout.State.PROPOSED):
        payouts.approve(payout_id=payout.pk, by=approver, now=timezone.now())
    return [
        Shot("bank", "/beheer/bank/", treasurer),
        Shot("bank-wrong", "/beheer/bank/", treasurer, upload("afschrift.xml", b"geen xml")),
        Shot("bank-statement", f"/beheer/bank/afschriften/{line.statement_id}/", treasurer),
        Shot("bank-lines", "/beheer/bank/regels/", treasurer),
        Shot("bank-line", f"/beheer/bank/regels/{line.pk}/", treasurer),
        Shot("bank-line-guesses", f"/beheer/bank/regels/{line.pk}/?q=Buurtcheques", treasurer),
        Shot("bank-recognise", f"/beheer/bank/regels/{line.pk}/{asked.pk}/", treasurer),
        Shot("bank-closing", "/beheer/bank/sluiten/", treasurer),
        Shot("bank-closing-wrong", "/beheer/bank/sluiten/", treasurer, not_over),
        Shot("bank-closing-proposed", "/beheer/bank/sluiten/", treasurer, submit),
        Shot("bank-closing-question", "/beheer/bank/sluiten/", second, decide),
        Shot("bank-closing-withdraw", "/beheer/bank/sluiten/", second, withdraw),
        Shot("bank-closing-closed", "/beheer/bank/sluiten/", second, close),
        Shot("bank-files", "/beheer/bank/betaalbestanden/", treasurer),
        Shot("bank-files-question", "/beheer/bank/betaalbestanden/nieuw/", treasurer),
        Shot("bank-witnesses", "/beheer/bank/getuigen/", treasurer),
        Shot("bank-witnesses-wrong", "/beheer/bank/getuigen/", treasurer, lambda page: submit(page)),
        Shot("bank-witness-end", f"/beheer/bank/getuigen/{witness.pk}/einde/", treasurer),
        Shot("demo-bank", "/demo/bank/"),
        Shot("demo-bank-wrong", "/demo/bank/", act=lambda page: submit(page)),
    ]


def ask_of_an_empty_year(page: Page) -> None:
    page.locator("main [name=since]").fill("2019-01-01")
    page.locator("main [name=until]").fill("2019-12-31")
    submit(page, "main form[method=post] button")


def ask_for_files(page: Page) -> None:
    """A workbook that is ready, one half way, one that was cancelled."""
    for kind in ("csv", "beancount", "xlsx"):
        page.locator("main [name=kind]").select_option(kind)
        submit(page, "main form[method=post] button")
    asked = list(Export.objects.order_by("-pk")[:3])
    wait_until(lambda: not Export.objects.unfinished().exists(), "the worker did not make the files")
    Export.objects.filter(pk=asked[1].pk).update(
        state=Export.State.WORKING,
        file=None,
        ended_at=None,
        done=asked[1].expected // 3,
        alive_at=timezone.now(),
    )
    Export.objects.filter(pk=asked[2].pk).update(state=Export.State.CANCELLED, file=None)
    page.reload()


def when_stripe_answered(page: Page) -> None:
    """The worker asks it; the page is there before."""

    def answered() -> bool:
        page.reload()
        return "wordt gevraagd" not in page.content()

    wait_until(answered, "the worker did not ask Stripe")


def auditor_shots(gallery: Gallery) -> list[Shot]:
    auditor = somebody(Role.AUDITOR)
    programme = Programme.objects.filter(organisation__slug="de-klinker").order_by("pk")[0]
    pot = books.accounts_of(fund_ids=[programme.fund_id]).filter(kind_id=2300).order_by("pk")[0]
    entry = books.entries_of(fund_ids=[programme.fund_id]).filter(kind="gift").order_by("-pk")[0]
    receipts = Receipt.objects.filter(campaign__rules__programme__organisation__slug="de-klinker")
    spent = receipts.filter(state=Receipt.State.APPROVED).order_by("-campaign__times_given", "pk")[0]
    waiting = receipts.filter(state=Receipt.State.SUBMITTED).order_by("pk")[0]
    moment = f"{timezone.localdate() - timedelta(days=30)}T09:00"
    return [
        Shot("auditor-balance", "/controle/", auditor),
        Shot("auditor-balance-open", "/controle/?open=2300", auditor),
        Shot("auditor-balance-moment", f"/controle/?moment={moment}&open=2300", auditor),
        Shot("auditor-balance-empty", "/controle/?since=2019-01-01&until=2019-12-31", auditor),
        Shot("auditor-account", f"/controle/rekening/{pot.pk}/", auditor),
        Shot("auditor-account-moment", f"/controle/rekening/{pot.pk}/?moment={moment}", auditor),
        Shot("auditor-entries", "/controle/boekingen/", auditor),
        Shot("auditor-entries-none", "/controle/boekingen/?q=nergens", auditor),
        Shot("auditor-entry", f"/controle/boeking/{entry.pk}/", auditor),
        Shot("auditor-sample-form", "/controle/steekproef/", auditor),
        Shot("auditor-sample", "/controle/steekproef/", auditor, act=drawing("1")),
        Shot("auditor-sample-wrong", "/controle/steekproef/", auditor, act=drawing("")),
        Shot("auditor-files-none", "/controle/bestanden/", auditor),
        Shot("auditor-sample-pack", "/controle/steekproef/", auditor, act=make_a_pack),
        Shot("auditor-files-wrong", "/controle/bestanden/", auditor, ask_of_an_empty_year),
        Shot("auditor-files", "/controle/bestanden/", auditor, ask_for_files),
        Shot("auditor-reconciliation-asking", "/controle/afstemming/", auditor),
        Shot("auditor-reconciliation", "/controle/afstemming/", auditor, when_stripe_answered),
        Shot("auditor-log", "/controle/inzage/", auditor),
        Shot("auditor-follow-receipt", f"/controle/volg/bon/{spent.pk}/", auditor),
        Shot("auditor-follow-waiting", f"/controle/volg/bon/{waiting.pk}/", auditor),
        Shot("auditor-follow-campaign", f"/controle/volg/initiatief/{spent.campaign_id}/", auditor),
        Shot("auditor-follow-budget", f"/controle/volg/fonds/{programme.fund_id}/", auditor),
    ]


def drawing(seed: str) -> Act:
    """Twenty-five by euro out of all of this year. Without a seed: sent all the same, past the browser's own check."""

    def act(page: Page) -> None:
        page.locator("#sample_seed").fill(seed)
        page.locator("form.filters").evaluate("form => form.noValidate = true")
        submit(page, "main form.filters button")

    return act


def make_a_pack(page: Page) -> None:
    """Of the sample, and waits until it is ready."""
    drawing("1")(page)
    submit(page, "main button:has-text('bewijsdossier')")
    wait_until(lambda: not Export.objects.unfinished().exists(), "the worker did not make the pack")
    page.reload()


def taken_back_shots(gallery: Gallery) -> list[Shot]:
    """An approved payout whose account was replaced meanwhile; in the end it is taken back."""
    staff, treasurer = somebody(Role.STAFF), somebody(Role.TREASURER, "buurtpot")
    left_out = Payout.objects.filter(state=Payout.State.APPROVED).order_by("pk")[0]
    page_of_it = f"/beheer/uitbetalingen/{left_out.pk}/"
    (approval,) = books.entries_by_source(source=f"payout:{left_out.pk}")
    initiator = left_out.campaign.initiator
    payees.give_account(
        initiator=initiator, holder=initiator.name, iban=OTHER_IBAN, by=initiator.user, now=timezone.now()
    )

    def take_back(page: Page) -> None:
        page.locator("main [name='reason']").fill("De rekening is opgeheven. Ik heb gebeld.")
        submit(page)

    return [
        Shot("staff-payouts-left-out", "/beheer/uitbetalingen/", staff),
        Shot("staff-payout-left-out", page_of_it, staff),
        Shot("bank-files-left-out", "/beheer/bank/betaalbestanden/", treasurer),
        Shot("staff-payout-taken-back", page_of_it, staff, take_back),
        Shot("auditor-entry-taken-back", f"/controle/boeking/{approval.pk}/", somebody(Role.AUDITOR)),
    ]


def differing_shots(gallery: Gallery) -> list[Shot]:
    """Books that the bank and Stripe say otherwise about. The last ones of the demo: its books are wrong from here on."""
    auditor = somebody(Role.AUDITOR)
    operators = User.objects.create(email="olga@buurtpot.example", name="Olga de Ruiter")
    Membership.objects.create(
        user=operators,
        organisation=Organisation.objects.get(slug="buurtpot"),
        role=Role.AUDITOR,
        since=timezone.now(),
    )
    give_second_factor(operators)
    for slug in ("de-klinker", "noorderwal-wonen"):
        fund = Programme.objects.filter(organisation__slug=slug).order_by("pk")[0].fund
        for code, cents in ((Code.BANK, 1_234), (Code.STRIPE_CLEARING, 500)):
            account, budget = (ledger.account(fund_id=fund.pk, code=one) for one in (code, Code.BUDGET))
            moves = [ledger.Move(account, budget, cents)]
            ledger.post(key=f"made up {slug} {code}", kind="bank funding", moves=moves, now=timezone.now())
    donation = Donation.objects.filter(
        state=Donation.State.PAID,
        campaign__state=State.COLLECTING,
        campaign__rules__programme__organisation__slug="de-klinker",
    ).latest("pk")
    (entry,) = books.entries_by_source(source=f"donation:{donation.pk}").filter(kind="donation")
    ledger.reverse(key="made up reversal", entry_id=entry.pk, now=timezone.now())
    gallery.site.stripe("/_control/payouts").raise_for_status()
    kept = FileBasedCache(str(gallery.site.run_dir / "cache"), {})
    kept.clear()

    def stripe_is_away(page: Page) -> None:
        with override_settings(STRIPE_API_BASE="http://127.0.0.1:9"):
            kept.set("reconciliation:stripe-explained", stripe_explained(now=timezone.now()))
        page.reload()

    def nobody_asks_stripe(page: Page) -> None:
        kept.clear()
        kept.set("reconciliation:stripe-explained:asking", True)
        kept.set("reconciliation:stripe-awaited-since", timezone.now() - timedelta(minutes=2))
        page.reload()

    return [
        Shot("auditor-balance-differs", "/controle/", auditor, when_stripe_answered),
        Shot("auditor-reconciliation-differs", "/controle/afstemming/", auditor, when_stripe_answered),
        Shot("auditor-reconciliation-differs-whole", "/controle/afstemming/", operators),
        Shot("auditor-reconciliation-none", "/controle/afstemming/?q=nergens", auditor),
        Shot("auditor-reconciliation-away", "/controle/afstemming/", auditor, stripe_is_away),
        Shot("auditor-reconciliation-in-vain", "/controle/afstemming/", auditor, nobody_asks_stripe),
    ]


OF_THE_DEMO: list[Callable[[Gallery], list[Shot]]] = [
    public_shots,
    resident_shots,
    account_shots,
    initiator_shots,
    staff_shots,
    bank_shots,
    auditor_shots,
    taken_back_shots,
    differing_shots,
]


def bare_shots() -> list[Shot]:
    here = cast.world()
    for user in (here.karin, here.bea, here.mees, here.thea):
        give_second_factor(user)
    staff = [
        "",
        "regelingen/",
        "adressen/",
        "adressen/inlezen/",
        "uitgiften/",
        "uitgiften/nieuw/",
        "cheques/",
    ]
    staff += ["initiatieven/", "uitbetalingen/", "bonnen/"]
    shots = [
        Shot(f"bare-staff-{path.strip('/').replace('/', '-') or 'home'}", f"/beheer/{path}", here.karin)
        for path in staff
    ]
    return [
        *shots,
        Shot("bare-home", "/"),
        Shot("bare-neighbourhood", f"/buurt/{here.bloemenbuurt.slug}/"),
        Shot("bare-mine", "/mijn/", here.fatma),
        Shot("bare-bank", "/beheer/bank/", here.thea),
        Shot("bare-bank-lines", "/beheer/bank/regels/", here.thea),
        Shot("bare-bank-files", "/beheer/bank/betaalbestanden/", here.thea),
        Shot("bare-bank-witnesses", "/beheer/bank/getuigen/", here.thea),
        Shot("bare-seals", "/zegels/"),
        Shot("bare-demo-bank", "/demo/bank/"),
        Shot("bare-auditor", "/controle/", here.mees),
        Shot("bare-auditor-reconciliation", "/controle/afstemming/", here.mees, when_stripe_answered),
        Shot("bare-auditor-entries", "/controle/boekingen/", here.mees),
    ]
