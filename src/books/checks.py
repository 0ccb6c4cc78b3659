"""Every invariant of the whole: the books by themselves, the domain against the books, Stripe and the bank against both."""

from collections.abc import Callable, Sequence

from ledger import checks as ledger_checks
from ledger import queries as ledger_queries
from ledger.chart import Code
from ledger.checks import Check, check_sql
from payments import gateway
from payments.models import BankStatement, Donation, StripePayout

# Both ways: a row whose money is not on its account, and an account with money that no row stands for.
CHEQUES = """
SELECT a.id AS account, expected.id AS cheque, expected.state, a.balance_cents, expected.cents AS expected_cents
FROM (SELECT id, balance_cents FROM ledger_account WHERE code = 2100) AS a
FULL JOIN (
    SELECT c.id, c.state, c.account_id, CASE WHEN c.state = 'made' THEN r.value_cents ELSE 0 END AS cents
    FROM cheques_cheque c JOIN cheques_chequerun r ON r.id = c.run_id) AS expected ON expected.account_id = a.id
WHERE a.id IS NULL OR a.balance_cents <> coalesce(expected.cents, 0)
"""

PURSES = """
SELECT a.id AS account, expected.id AS purse, a.balance_cents, expected.cents AS expected_cents
FROM (SELECT id, balance_cents FROM ledger_account WHERE code = 2200) AS a
FULL JOIN (
    SELECT p.id, p.account_id, r.value_cents - coalesce(given.cents, 0) AS cents
    FROM cheques_purse p
    JOIN cheques_cheque c ON c.purse_id = p.id
    JOIN cheques_chequerun r ON r.id = c.run_id
    LEFT JOIN (SELECT source_id, sum(amount_cents) AS cents FROM campaigns_pledge
               WHERE state <> 'returned' GROUP BY source_id) AS given ON given.source_id = p.account_id
) AS expected ON expected.account_id = a.id
WHERE a.id IS NULL OR a.balance_cents <> coalesce(expected.cents, 0)
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
SELECT coalesce(a.key, expected.key) AS payout, coalesce(a.fund_id, expected.fund_id) AS fund, expected.state,
       coalesce(a.balance_cents, 0) AS on_its_way_cents, expected.cents AS expected_cents
FROM (SELECT key, fund_id, balance_cents FROM ledger_account WHERE code = 2500) AS a
FULL JOIN (
    SELECT 'payout:' || o.id AS key, part.fund_id, o.state,
           CASE WHEN o.state IN ('approved', 'sent') THEN part.amount_cents ELSE 0 END AS cents
    FROM payments_payout o JOIN payments_payoutpart part ON part.payout_id = o.id
) AS expected ON expected.key = a.key AND expected.fund_id = a.fund_id
WHERE coalesce(a.balance_cents, 0) <> coalesce(expected.cents, 0)
"""

REFUNDS = """
SELECT coalesce(a.key, expected.key) AS donation, coalesce(a.cents, 0) AS on_its_way_cents, expected.amount_cents
FROM (SELECT key, sum(balance_cents)::bigint AS cents FROM ledger_account WHERE code = 2600 GROUP BY key) AS a
FULL JOIN (SELECT 'donation:' || id AS key, amount_cents FROM payments_donation WHERE state = 'refunding') AS expected
    ON expected.key = a.key
WHERE coalesce(a.cents, 0) <> coalesce(expected.amount_cents, 0)
"""

UNIDENTIFIED = """
SELECT coalesce(a.key, expected.key) AS line, coalesce(a.cents, 0) AS kept_cents, expected.amount_cents
FROM (SELECT key, sum(balance_cents)::bigint AS cents FROM ledger_account WHERE code = 2900 GROUP BY key) AS a
FULL JOIN (
    SELECT 'line:' || left(fingerprint, 32) AS key, amount_cents FROM payments_bankline
    WHERE kind = 'unknown' AND credit AND recognised_at IS NULL) AS expected ON expected.key = a.key
WHERE coalesce(a.cents, 0) <> coalesce(expected.amount_cents, 0)
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
SELECT coalesce(a.fund_id, b.fund_id) AS fund, coalesce(a.key, b.key) AS key, a.balance_cents, b.balance_cents AS contra_cents
FROM (SELECT * FROM ledger_account WHERE code = 9500) AS a
FULL JOIN (SELECT * FROM ledger_account WHERE code = 9510) AS b ON b.fund_id = a.fund_id AND b.key = a.key
WHERE a.balance_cents IS DISTINCT FROM b.balance_cents
"""

# In the order in which it was booked: a receipt or a leftover takes off no more than there is, so a payout that comes after one
# that was larger counts whole. What is left is the running sum less the lowest it ever was below zero.
UNACCOUNTED = """
SELECT coalesce(a.key, expected.key) AS campaign, coalesce(a.cents, 0) AS unaccounted_cents, expected.cents AS expected_cents
FROM (SELECT key, sum(balance_cents)::bigint AS cents FROM ledger_account WHERE code = 9500 GROUP BY key) AS a
FULL JOIN (
    SELECT key, (sum(cents) - least(0, min(running)))::bigint AS cents FROM (
        SELECT key, cents, sum(cents) OVER (PARTITION BY key ORDER BY at, cents DESC, nr) AS running FROM (
            SELECT 'campaign:' || campaign_id AS key, approved_at AS at, amount_cents AS cents, id AS nr
            FROM payments_payout WHERE state IN ('approved', 'sent', 'confirmed')
            UNION ALL
            SELECT 'campaign:' || campaign_id, decided_at, -amount_cents, id FROM campaigns_receipt WHERE state = 'approved'
            UNION ALL
            SELECT 'campaign:' || o.campaign_id, s.imported_at, -l.amount_cents, l.id
            FROM payments_bankline l
            JOIN payments_bankstatement s ON s.id = l.statement_id
            JOIN payments_payout o ON o.leftover_reference = l.reference
            WHERE l.kind = 'leftover') AS moved) AS summed
    GROUP BY key) AS expected ON expected.key = a.key
WHERE coalesce(a.cents, 0) <> coalesce(expected.cents, 0)
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

ANSWERED = """
SELECT l.id AS line, l.amount_cents, coalesce(sum(t.amount_cents), 0)::bigint AS in_the_fund_cents
FROM payments_bankline l
JOIN programmes_fundingrequest r ON r.id = l.funding_request_id
LEFT JOIN ledger_entry e
    ON e.key = CASE WHEN l.kind = 'funding' THEN 'bank:' ELSE 'recognised:' END || l.fingerprint
LEFT JOIN ledger_transfer t ON t.entry_id = e.id AND t.fund_id = r.fund_id
GROUP BY l.id HAVING l.amount_cents <> coalesce(sum(t.amount_cents), 0)
"""

STATEMENTS = """
SELECT s.id AS statement, s.opening_cents, s.closing_cents, coalesce(sum(l.signed), 0)::bigint AS lines_cents,
       lag(s.closing_cents, 1, s.opening_cents) OVER (ORDER BY s.id) AS before_cents
FROM payments_bankstatement s
LEFT JOIN (SELECT statement_id, CASE WHEN credit THEN amount_cents ELSE -amount_cents END AS signed
           FROM payments_bankline) AS l ON l.statement_id = s.id
GROUP BY s.id
"""

STATEMENTS_WRONG = f"""
SELECT * FROM ({STATEMENTS}) AS s
WHERE s.opening_cents <> s.before_cents OR s.opening_cents + s.lines_cents <> s.closing_cents
"""


# Kinds of balance transaction: https://docs.stripe.com/reports/balance-transaction-types
PAYMENTS = ("charge", "payment")
REFUNDS_AT_STRIPE = ("refund", "refund_failure", "payment_refund", "payment_failure_refund")
REFUND_STATES = (Donation.State.REFUNDING, Donation.State.REFUNDED)


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
        if found.kind in PAYMENTS and found.balance_transaction_id not in booked
    ]
    return [
        Check("every donation is what Stripe says it is", wrong[: ledger_checks.MOST_SHOWN]),
        Check("every payment at Stripe is booked", unbooked[: ledger_checks.MOST_SHOWN]),
        clearing_is_the_balance(transactions),
    ]


def clearing_is_the_balance(transactions: Sequence[gateway.BalanceTransaction]) -> Check:
    """Over all funds, account 1100 is Stripe's balance, less what is under way.

    Under way are payments not booked yet, refunds that wait and payouts not at the bank. Whatever else moved the balance (a
    refund made by hand at Stripe, a dispute, a fee, an adjustment) is named.
    """
    given = Donation.objects.filter(balance_transaction_id__isnull=False)
    states = dict(given.values_list("charge_id", "state"))
    at_the_bank = set(StripePayout.objects.values_list("payout_id", flat=True))
    under_way_cents = 0
    unknown = []
    for found in transactions:
        if found.kind in PAYMENTS:
            under_way = found.charge_id not in states
        elif found.kind in gateway.PAYOUT_KINDS:
            under_way = found.source_id not in at_the_bank
        elif found.kind in REFUNDS_AT_STRIPE and states.get(found.charge_id) in REFUND_STATES:
            under_way = states[found.charge_id] == Donation.State.REFUNDING
        else:
            under_way = False
            unknown.append(
                {
                    "balance_transaction": found.balance_transaction_id,
                    "kind": found.kind,
                    "net_cents": found.net_cents,
                }
            )
        under_way_cents += found.net_cents if under_way else 0
    at_stripe_cents = sum(found.net_cents for found in transactions) - under_way_cents
    booked_cents = ledger_queries.total(code=Code.STRIPE_CLEARING)
    name = "the clearing account in the books is Stripe's balance"
    differs = [{"books": booked_cents, "stripe": at_stripe_cents}] if at_stripe_cents != booked_cents else []
    return Check(name, [*differs, *unknown[: ledger_checks.MOST_SHOWN]])


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
        check_sql("every refund on its way lies on its account", REFUNDS),
        check_sql("every receipt that nobody knows lies on its account", UNIDENTIFIED),
        check_sql("what is paid out, less receipts and leftovers, is not yet accounted for", UNACCOUNTED),
        check_sql("every payout is the sum of its parts", PAYOUT_SUMS),
        check_sql("every campaign counts its pledges", COUNTERS),
        check_sql("what is paid out and not accounted for stands on both sides", MEMORANDUM),
        check_sql("every bank line is booked once, for its amount", BANK_LINES),
        check_sql("every budget or grant that came in is in the fund that asked for it", ANSWERED),
        check_sql("every statement connects to the one before and adds up", STATEMENTS_WRONG),
        bank_is_the_statement(),
    ]
    if Donation.objects.exclude(session_id__isnull=True).exists():
        try:
            checks += donations_agree(transactions())
        except gateway.GatewayDown as error:
            checks.append(Check("every donation is what Stripe says it is", [{"stripe": str(error)}]))
    return checks
