"""Payouts and what the bank says about them, as the tests make them."""

from campaigns import receipts
from campaigns.models import Campaign, Receipt
from common import files
from payments import payees, payment_files, payouts
from payments.bank.camt053 import Line
from payments.models import BankLine, PayeeAccount, Payout
from payments.statements import import_statement
from tests import cast
from tests.cast import NOW, TODAY

FATMAS_IBAN = "NL91ABNA0417164300"


def account(here: cast.World, campaign: Campaign) -> PayeeAccount:
    """Fatma's, approved by Karin."""
    given = payees.give_account(
        initiator=campaign.initiator, holder="F. Yildiz", iban=FATMAS_IBAN, by=here.fatma, now=NOW
    )
    return payees.approve_account(account_id=given.pk, by=here.karin, now=NOW)


def approved(here: cast.World, campaign: Campaign) -> Payout:
    """Proposed by Karin, approved by Youssef."""
    account(here, campaign)
    payout = payouts.propose(campaign_id=campaign.pk, by=here.karin, now=NOW)
    return payouts.approve(payout_id=payout.pk, by=here.youssef, now=NOW)


def take_in(*lines: Line) -> list[BankLine]:
    """The rows of a statement with these lines."""
    (imported,) = import_statement(content=cast.statement(*lines), by=None, now=NOW)
    return list(imported.statement.lines.all())


def leaving(payout: Payout) -> Line:
    """The line that shows a payout leaving the account."""
    return cast.line(payout.amount_cents, credit=False, end_to_end_id=payout.end_to_end_id)


def paid_out(here: cast.World, campaign: Campaign) -> Payout:
    """The whole pot, confirmed by the bank."""
    payout = approved(here, campaign)
    payment_files.make_run(execute_on=TODAY, by=here.thea, now=NOW, only=[payout.pk])
    take_in(leaving(payout))
    payout.refresh_from_db()
    return payout


def handed_in(here: cast.World, campaign: Campaign, amount_cents: int) -> Receipt:
    """Fatma hands in a receipt, and it waits."""
    return receipts.hand_in(
        campaign_id=campaign.pk,
        file=files.store(content=b"bon %d" % amount_cents, name="bon.jpg", mime_type="image/jpeg", now=NOW),
        supplier="Bouwmarkt",
        description="Bank",
        bought_on=TODAY,
        amount_cents=amount_cents,
        by=here.fatma,
        now=NOW,
    )
