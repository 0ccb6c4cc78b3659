"""Every invariant of the whole: the books by themselves, the domain against the books, Stripe and the bank against both."""

from collections.abc import Callable, Sequence

from ledger import checks as ledger_checks
from ledger import queries as ledger_queries
from ledger.chart import Code
from ledger.checks import Check, check_sql
from payments import gateway
from payments.models import BankStatement, Donation, StripePayout

CHEQUES = """
SELECT c.id AS cheque, c.state, a.balance_cents,
       CASE WHEN c.state = 'made' THEN r.value_cents ELSE 0 END AS expected_cents
FROM cheques_cheque c
JOIN cheques_chequerun r ON r.id = c.run_id
JOIN ledger_account a ON a.id = c.account_id
WHERE a.code <> 2100 OR a.balance_cents <> CASE WHEN c.state = 'made' THEN r.value_cents ELSE 0 END
"""

PURSES = """
SELECT p.id AS purse, a.balance_cents, r.value_cents - coalesce(given.cents, 0) AS expected_cents
FROM cheques_purse p
JOIN cheques_cheque c ON c.purse_id = p.id
JOIN cheques_chequerun r ON r.id = c.run_id
JOIN ledger_account a ON a.id = p.account_id
LEFT JOIN (SELECT source_id, sum(amount_cents) AS cents FROM campaigns_pledge
           WHERE state <> 'returned' GROUP BY source_id) AS given ON given.source_id = p.account_id
WHERE a.code <> 2200 OR a.balance_cents <> r.value_cents - coalesce(given.cents, 0)
"""

POTS = """
SELECT coalesce(pots.key, expected.key) AS campaign, coalesce(pots.fund_id, expected.fund_id) AS fund,
       coalesce(pots.cents, 0) AS pot_cents, coalesce(expected.cents, 0) AS expected_cents
FROM (SELECT a.key, a.fund_id, ledger_pooled_balance(a.id, a.debit_side) AS cents
      FROM ledger_account a WHERE a.code = 2300) AS pots
FULL JOIN (
    SELECT key, fund_id, sum(cents)::bigint AS cents FROM (
        SELECT 'campaign:' || campaign_id AS key, fund_id, amount_cents AS cents
        FROM campaigns_pledge WHERE state <> 'returned'
        UNION ALL
        SELECT 'campaign:' || o.campaign_id, part.fund_id, -(part.amount_cents + part.costs_cents)
        FROM payments_payoutpart part JOIN payments_payout o ON o.id = part.payout_id
        WHERE o.state IN ('approved', 'sent', 'confirmed')) AS moved
    GROUP BY key, fund_id) AS expected ON expected.key = pots.key AND expected.fund_id = pots.fund_id
WHERE coalesce(pots.cents, 0) <> coalesce(expected.cents, 0)
"""

PAYOUTS = """
SELECT o.id AS payout, part.fund_id AS fund, o.state, coalesce(a.balance_cents, 0) AS on_its_way_cents
FROM payments_payout o
JOIN payments_payoutpart part ON part.payout_id = o.id
LEFT JOIN ledger_account a ON a.code = 2500 AND a.fund_id = part.fund_id AND a.key = 'payout:' || o.id
WHERE coalesce(a.balance_cents, 0) <> CASE WHEN o.state IN ('approved', 'sent') THEN part.amount_cents ELSE 0 END
"""

PAYOUT_SUMS = """
SELECT o.id AS payout, o.amount_cents, sum(part.amount_cents)::bigint AS parts_cents
FROM payments_payout o LEFT JOIN payments_payoutpart part ON part.payout_id = o.id
GROUP BY o.id HAVING o.amount_cents IS DISTINCT FROM sum(part.amount_cents)
"""

COUNTERS = """
SELECT c.id AS campaign, c.given_cents, c.times_given,
       coalesce(sum(p.amount_cents), 0)::bigint AS pledged_cents, count(p.id) AS pledges
FROM campaigns_campaign c
LEFT JOIN campaigns_pledge p ON p.campaign_id = c.id AND p.state <> 'returned'
GROUP BY c.id HAVING c.given_cents <> coalesce(sum(p.amount_cents), 0) OR c.times_given <> count(p.id)
"""

MEMORANDUM = """
SELECT a.fund_id AS fund, a.key, a.balance_cents, b.balance_cents AS contra_cents
FROM ledger_account a
LEFT JOIN ledger_account b ON b.code = 9510 AND b.fund_id = a.fund_id AND b.key = a.key
WHERE a.code = 9500 AND a.balance_cents IS DISTINCT FROM b.balance_cents
"""

BANK_LINES = """
SELECT l.id AS line, l.amount_cents, booked.cents AS booked_cents
FROM payments_bankline l
LEFT JOIN LATERAL (
    SELECT sum(CASE WHEN d.code = 1000 THEN t.amount_cents ELSE 0 END)
         - sum(CASE WHEN c.code = 1000 THEN t.amount_cents ELSE 0 END) AS cents
    FROM ledger_transfer t
    JOIN ledger_account d ON d.id = t.debit_id JOIN ledger_account c ON c.id = t.credit_id
    WHERE t.entry_id = l.entry_id) AS booked ON true
WHERE booked.cents IS DISTINCT FROM CASE WHEN l.credit THEN l.amount_cents ELSE -l.amount_cents END
"""

STATEMENTS = """
SELECT s.id AS statement, s.opening_cents, s.closing_cents, coalesce(sum(l.signed), 0)::bigint AS lines_cents,
       lag(s.closing_cents, 1, 0::bigint) OVER (ORDER BY s.id) AS before_cents
FROM payments_bankstatement s
LEFT JOIN (SELECT statement_id, CASE WHEN credit THEN amount_cents ELSE -amount_cents END AS signed
           FROM payments_bankline) AS l ON l.statement_id = s.id
GROUP BY s.id
"""

STATEMENTS_WRONG = f"""
SELECT * FROM ({STATEMENTS}) AS s
WHERE s.opening_cents <> s.before_cents OR s.opening_cents + s.lines_cents <> s.closing_cents
"""


def bank_is_the_statement() -> Check:
    """Over all funds, account 1000 is what the last statement says."""
    last = BankStatement.objects.order_by("-pk").first()
    stated_cents = last.closing_cents if last else 0
    booked_cents = ledger_queries.total(code=Code.BANK)
    name = "the bank account in the books is the last statement's balance"
    return Check(
        name, [] if stated_cents == booked_cents else [{"books": booked_cents, "statement": stated_cents}]
    )


def donations_agree(transactions: Sequence[gateway.BalanceTransaction]) -> list[Check]:
    """Donations against Stripe's movements, one by one, and account 1100 against its balance."""
    at_stripe = {found.balance_transaction_id: found for found in transactions}
    wrong = []
    settled = Donation.objects.filter(balance_transaction_id__isnull=False)
    for donation in settled.iterator():
        found = at_stripe.get(donation.balance_transaction_id or "")
        if found is None or (found.amount_cents, found.fee_cents, found.source_id) != (
            donation.amount_cents,
            donation.fee_cents,
            donation.charge_id,
        ):
            wrong.append({"donation": donation.pk, "at_stripe": str(found)})
    booked = set(settled.values_list("balance_transaction_id", flat=True))
    unbooked = [
        {"balance_transaction": found.balance_transaction_id, "amount_cents": found.amount_cents}
        for found in transactions
        if found.kind in ("charge", "payment") and found.balance_transaction_id not in booked
    ]
    return [
        Check("every donation is what Stripe says it is", wrong[: ledger_checks.MOST_SHOWN]),
        Check("every payment at Stripe is booked", unbooked[: ledger_checks.MOST_SHOWN]),
        clearing_is_the_balance(transactions),
    ]


def clearing_is_the_balance(transactions: Sequence[gateway.BalanceTransaction]) -> Check:
    """Over all funds, account 1100 is Stripe's balance, less what is under way: refunds that wait, payouts not at the bank."""
    heard_of = {
        *Donation.objects.filter(balance_transaction_id__isnull=False).values_list("charge_id", flat=True),
        *Donation.objects.filter(state=Donation.State.REFUNDED).values_list("refund_id", flat=True),
        *StripePayout.objects.values_list("payout_id", flat=True),
    }
    at_stripe_cents = sum(found.net_cents for found in transactions if found.source_id in heard_of)
    booked_cents = ledger_queries.total(code=Code.STRIPE_CLEARING)
    name = "the clearing account in the books is Stripe's balance"
    wrong = [{"books": booked_cents, "stripe": at_stripe_cents}]
    return Check(name, [] if at_stripe_cents == booked_cents else wrong)


def run(
    *, transactions: Callable[[], Sequence[gateway.BalanceTransaction]] = gateway.all_transactions
) -> list[Check]:
    """All checks. Stripe is asked only where there is a donation to compare with."""
    checks = [
        *ledger_checks.all_checks(),
        check_sql("every cheque is worth in the books what its state says", CHEQUES),
        check_sql("every purse holds what was activated less what was given", PURSES),
        check_sql("every pot holds its pledges less what was paid out", POTS),
        check_sql("every payout on its way lies on its account", PAYOUTS),
        check_sql("every payout is the sum of its parts", PAYOUT_SUMS),
        check_sql("every campaign counts its pledges", COUNTERS),
        check_sql("what is paid out and not accounted for stands on both sides", MEMORANDUM),
        check_sql("every bank line is booked once, for its amount", BANK_LINES),
        check_sql("every statement connects to the one before and adds up", STATEMENTS_WRONG),
        bank_is_the_statement(),
    ]
    if Donation.objects.exclude(session_id__isnull=True).exists():
        try:
            checks += donations_agree(transactions())
        except gateway.GatewayDown as error:
            checks.append(Check("every donation is what Stripe says it is", [{"stripe": str(error)}]))
    return checks
