"""The page where a payer pays, fails, lets the bank answer later, or goes back. Dutch, English on request."""

import threading
from contextlib import suppress
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template

from payments.sandbox import checkout
from payments.sandbox.account import Account
from payments.sandbox.forms import Params
from payments.sandbox.refusals import Refusal
from payments.sandbox.store import Change, NotFound, Record, StoreClosed

HERE = Path(__file__).parent
PAGE = Template((HERE / "checkout.html").read_text(encoding="utf-8"))
STYLE = (HERE / "checkout.css").read_bytes()
OUTCOMES = ("pay", "later", "fail")

# This page is not the site's: it has no templates of it and no gettext, so its few sentences stand here.
TEXTS = {
    "nl": {
        "test_mark": "Testbetaling.",
        "test_note": "Er gaat geen echt geld om. U kiest zelf hoe het afloopt.",
        "other_language": "en",
        "other_name": "English",
        "heading": "{total} betalen",
        "items": "Waar u voor betaalt",
        "total": "Totaal",
        "pay": "Betaal {total}",
        "later": "Betaal, maar de bank antwoordt later",
        "fail": "Laat de betaling mislukken",
        "cancel": "Niet betalen, ga terug",
        "failed": "De betaling is niet gelukt. Er is niets afgeschreven. Probeer het nog eens of ga terug.",
        "complete": "Deze betaling is al gedaan",
        "complete_note": "U hoeft niets meer te doen.",
        "expired": "Deze betaalpagina is verlopen",
        "expired_note": "Er is niets afgeschreven. Ga terug en begin opnieuw.",
        "unknown": "Deze betaalpagina bestaat niet",
        "unknown_note": "Controleer of het adres klopt.",
        "onward": "Verder naar de site",
    },
    "en": {
        "test_mark": "Test payment.",
        "test_note": "No real money moves. You choose how it ends.",
        "other_language": "nl",
        "other_name": "Nederlands",
        "heading": "Pay {total}",
        "items": "What you pay for",
        "total": "Total",
        "pay": "Pay {total}",
        "later": "Pay, but the bank answers later",
        "fail": "Let the payment fail",
        "cancel": "Do not pay, go back",
        "failed": "The payment did not work. Nothing was taken. Try once more or go back.",
        "complete": "This payment is already done",
        "complete_note": "There is nothing left to do.",
        "expired": "This payment page has expired",
        "expired_note": "Nothing was taken. Go back and start again.",
        "unknown": "This payment page does not exist",
        "unknown_note": "Check whether the address is right.",
        "onward": "Go on to the site",
    },
}


@dataclass(frozen=True)
class Page:
    """`location`: where to send the browser instead of showing the html."""

    status: int
    html: str = ""
    location: str | None = None


class CheckoutPage:
    """`bank_answers_after`: seconds, when a payment that waits for its bank succeeds by itself; None: never, it is told to."""

    def __init__(self, *, account: Account, bank_answers_after: float | None) -> None:
        self._account = account
        self._bank_answers_after = bank_answers_after

    def show(self, session_id: str, params: Params, *, status: int = 200, failed: bool = False) -> Page:
        wanted = params.text("lang")
        try:
            with self._account.change() as change:
                session = change.get("checkout.session", session_id)
                order = change.get("_order", session_id)
                now = change.now
        except NotFound:
            language = wanted if wanted in TEXTS else "nl"
            return Page(404, _ended(TEXTS[language], language, state="unknown", onward=None))
        language = _language(wanted, session)
        words = TEXTS[language]
        if session["status"] == "complete":
            onward = _return_url(session)
            return Page(status, _ended(words, language, state="complete", onward=onward))
        if session["status"] == "expired" or session["expires_at"] <= now:
            return Page(status, _ended(words, language, state="expired", onward=session["cancel_url"]))
        return Page(status, _choices(words, language, session=session, order=order, failed=failed))

    def decide(self, session_id: str, params: Params) -> Page:
        """What the payer pressed. Pressing again on a finished payment only shows how it stands."""
        outcome = params.text("outcome")
        if outcome not in OUTCOMES:
            return self.show(session_id, params, status=400)
        try:
            with self._account.change() as change:
                session = self._do(change, session_id, outcome)
        except (NotFound, Refusal):
            return self.show(session_id, params, status=409)
        if outcome == "fail":
            return self.show(session_id, params, failed=True)
        if outcome == "later" and self._bank_answers_after is not None:
            answer = threading.Timer(self._bank_answers_after, self._answer, [session_id])
            answer.daemon = True
            answer.start()
        return Page(303, location=_return_url(session))

    def _answer(self, session_id: str) -> None:
        with suppress(NotFound, Refusal, StoreClosed), self._account.change() as change:
            checkout.settle_later(change, session_id, succeeded=True)

    def _do(self, change: Change, session_id: str, outcome: str) -> Record:
        if outcome == "pay":
            late = self._account.misbehaviour.happens("slow_balance")
            return checkout.pay(change, session_id, balanced=not late)
        if outcome == "later":
            return checkout.pay_later(change, session_id)
        return checkout.fail(change, session_id)


def euros(amount_cents: int, *, language: str) -> str:
    whole, cents = divmod(amount_cents, 100)
    text = f"{whole:,}.{cents:02}"
    if language == "nl":
        text = text.translate(str.maketrans(",.", ".,"))
    return f"€\N{NO-BREAK SPACE}{text}"


def _language(wanted: str | None, session: Record) -> str:
    if wanted in TEXTS:
        return wanted
    return "en" if (session["locale"] or "").lower().startswith("en") else "nl"


def _return_url(session: Record) -> str:
    url: str = session["success_url"]
    return url.replace("{CHECKOUT_SESSION_ID}", session["id"])


def _choices(words: dict[str, str], language: str, *, session: Record, order: Record, failed: bool) -> str:
    total = euros(session["amount_total"], language=language)
    lines = "".join(
        f'<tr><th scope="row">{escape(_line_name(item))}</th>'
        f"<td>{euros(item['unit_cents'] * item['quantity'], language=language)}</td></tr>"
        for item in order["items"]
    )
    cancel = session["cancel_url"]
    parts = [
        f'<p class="failed" role="alert">{words["failed"]}</p>' if failed else "",
        f"<h1>{words['heading'].format(total=total)}</h1>",
        f"<table><caption>{words['items']}</caption><tbody>{lines}</tbody>",
        f'<tfoot><tr><th scope="row">{words["total"]}</th><td>{total}</td></tr></tfoot></table>',
        f'<form method="post" action="?lang={language}">',
        f'<button class="pay" name="outcome" value="pay">{words["pay"].format(total=total)}</button>',
        f'<button name="outcome" value="later">{words["later"]}</button>',
        f'<button name="outcome" value="fail">{words["fail"]}</button></form>',
        f'<a class="back" href="{escape(cancel)}">{words["cancel"]}</a>' if cancel else "",
    ]
    return _page(words, language, title=words["heading"].format(total=total), body="\n".join(parts))


def _line_name(item: Record) -> str:
    return item["name"] if item["quantity"] == 1 else f"{item['quantity']} × {item['name']}"


def _ended(words: dict[str, str], language: str, *, state: str, onward: str | None) -> str:
    body = f"<h1>{words[state]}</h1>\n<p>{words[f'{state}_note']}</p>"
    if onward:
        body += f'\n<a class="back" href="{escape(onward)}">{words["onward"]}</a>'
    return _page(words, language, title=words[state], body=body)


def _page(words: dict[str, str], language: str, *, title: str, body: str) -> str:
    return PAGE.substitute(
        words, language=language, title=f"{title} · {words['test_mark'].rstrip('.')}", body=body
    )
