"""The access log in the words of who reads it: what is kept is a code, a number and what was asked for."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from books.sampling import Flow, Method
from books.ways import Kind
from books.words import FLOWS, METHODS, Words
from ledger.chart import CHART, Code
from payments.models import PayeeAccount
from people.models import AccessLog
from web.auditors.words import EXPORTS, WHOLE_HISTORY, followed_words, period_words

What = AccessLog.What

# Of before an account was shown by periods.
ACCOUNT_PAGE = _("Account %(code)s %(name)s, page %(page)s")
WORDS: Final[dict[str, Words]] = {
    What.ACCOUNT: _("Account %(code)s %(name)s, %(period)s"),
    What.AUDIT_FILE: _("Audit file of %(number)s"),
    What.BALANCE: _("Trial balance: %(fund)s, %(period)s"),
    What.BALANCE_FILE: _("Trial balance as a file: %(fund)s, %(period)s"),
    What.BANK_ACCOUNT: _("Bank account number of %(name)s"),
    What.BANK_LINE: _("Bank line %(number)s"),
    What.BANK_STATEMENT: _("Bank statement %(name)s"),
    What.CHEQUE: _("Cheque %(number)s"),
    What.ENTRIES: _("List of entries"),
    What.ENTRY: _("Entry %(number)s"),
    What.ENTRY_RECEIPT: _("Receipt of entry %(number)s"),
    What.FOLLOWED: _("Followed: %(thing)s"),
    What.FOLLOWED_FILE: _("Followed, as a file: %(thing)s"),
    What.EXPORT_ASKED: _("Asked for a file: %(file)s, %(fund)s, %(period)s"),
    What.EXPORT_TAKEN: _("Downloaded a file: %(file)s, %(fund)s, %(period)s"),
    What.JOURNAL_FILE: _("Journal as a file: %(fund)s, %(period)s"),
    What.LETTERS: _("Letters of run %(name)s, PDF %(document)s"),
    What.LOG: _("Who looked"),
    What.PAYMENT_FILE: _("Payment file %(name)s"),
    What.RECEIPT: _("Receipt %(number)s"),
    What.RECONCILIATION: _("Reconciliation with the bank and Stripe"),
    What.RECONCILIATION_FILE: _("Reconciliation as a file"),
    What.SAMPLE: _("Sample: %(size)s of %(flow)s (%(method)s), seed “%(seed)s”, %(fund)s, %(period)s"),
    What.SAMPLE_FILE: _(
        "Sample as a file: %(size)s of %(flow)s (%(method)s), seed “%(seed)s”, %(fund)s, %(period)s"
    ),
    What.STATEMENT: _("Statement of account %(code)s %(name)s, %(period)s"),
    What.WITNESS_ADDED: _("Made %(name)s a witness of the seals"),
    What.WITNESS_ENDED: _("Ended that %(name)s is a witness of the seals"),
}


def worded(looks: Sequence[AccessLog]) -> list[tuple[AccessLog, str]]:
    """Each look with its words, in two queries at most."""
    wanted = {look.number or 0 for look in looks if look.what == What.BANK_ACCOUNT}
    holders = dict(PayeeAccount.objects.filter(pk__in=wanted).values_list("pk", "initiator__name"))
    return [(look, _words(look, holders)) for look in looks]


def _period(since: str, until: str, moment: str = "", **_about: Any) -> str:
    booked_by = datetime.fromisoformat(moment) if moment else None
    return period_words(date.fromisoformat(since), date.fromisoformat(until), booked_by)


def _words(look: AccessLog, holders: dict[int, str]) -> str:
    if look.what == What.WORDS:
        return str(look.about["words"])
    about: dict[str, Any] = {"number": look.number, **look.about}
    if look.what == What.ENTRIES and about["text"]:
        return gettext("Entries, looked for “%(text)s”") % about
    if look.what in (What.ACCOUNT, What.STATEMENT):
        about["name"] = about["name"] or CHART[Code(about["code"])].name
    if look.what == What.BANK_ACCOUNT:
        about["name"] = holders.get(look.number or 0, "")
    if look.what in (What.FOLLOWED, What.FOLLOWED_FILE):
        about["thing"] = followed_words(Kind(about["kind"]), look.number or 0)
    if look.what in (What.SAMPLE, What.SAMPLE_FILE):
        about |= {"flow": FLOWS[Flow(about["flow"])], "method": METHODS[Method(about["method"])]}
    if "fund" in about:
        about["fund"] = about["fund"] or gettext("All funds")
    if look.what in (What.EXPORT_ASKED, What.EXPORT_TAKEN):
        about["file"], about["period"] = _file_words(about), WHOLE_HISTORY
    if "since" in about:
        about["period"] = _period(**about)
    return str(_template(look)) % about


def _template(look: AccessLog) -> Words:
    return ACCOUNT_PAGE if look.what == What.ACCOUNT and "page" in look.about else WORDS[look.what]


def _file_words(about: dict[str, Any]) -> Words:
    if "seed" in about:
        return gettext("Evidence pack (ZIP) of a sample of %(size)s, seed “%(seed)s”") % about
    return EXPORTS[about["kind"]]
