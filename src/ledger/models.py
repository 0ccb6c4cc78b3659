"""The rows of the books. Only the ledger's own modules import this; others use `operations` and `queries`.

Rows of entries, transfers, notes and checkpoints are written by the database's functions alone (see the migration): the
application's role may read them and nothing else.
"""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.lookups import Exact, IsNull

from ledger.chart import FundKind

MOST_CENTS = 10_000_000_000_000  # a hundred billion euros in one transfer is a mistake; sums of a million such still fit


class Fund(models.Model):
    """There is one row for every source of money: where it came from and for whom. Its book balances by itself."""

    kind = models.CharField(max_length=20, choices=FundKind)
    name = models.CharField(max_length=200)
    organisation = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="funds")
    currency = models.CharField(max_length=3, default="EUR")
    opened_at = models.DateTimeField()
    first_day = models.DateField()  # of its first period: nothing is booked on a day before it

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(currency="EUR"), name="fund_currency_is_euro"),
            models.UniqueConstraint(
                fields=["organisation", "kind"],
                condition=models.Q(kind__in=["donations", "operator", "suspense"]),
                name="fund_of_this_kind_once_per_organisation",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Kind(models.Model):
    """There is one row for every code in the chart of accounts (`chart.py`)."""

    code = models.SmallIntegerField(primary_key=True)
    debit_side = models.BooleanField()
    guarded = models.BooleanField()
    pooled = models.BooleanField()


class Account(models.Model):
    """There is one row for every account: a code, in a fund, for a subject.

    `key` names the subject in the caller's words ("cheque:81"), empty where a fund has one account of that code.
    `balance_cents` counts on the account's own side and is null for pooled accounts. Fund and kind are no foreign keys in the
    database: the functions that open accounts, the only writers, look for both, and neither is ever removed.
    """

    fund = models.ForeignKey(
        Fund, on_delete=models.PROTECT, related_name="accounts", db_constraint=False, db_index=False
    )
    kind = models.ForeignKey(
        Kind,
        on_delete=models.PROTECT,
        db_column="code",
        related_name="accounts",
        db_constraint=False,
        db_index=False,
    )
    key = models.CharField(max_length=80, blank=True)
    name = models.CharField(max_length=200, blank=True)
    balance_cents = models.BigIntegerField(null=True)
    guarded = models.BooleanField()
    pooled = models.BooleanField()
    debit_side = models.BooleanField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["fund", "kind", "key"], name="account_once_per_fund_code_and_key"
            ),
            # Read anew from the catalogue for every posting: hence as short as can be.
            models.CheckConstraint(
                condition=models.Q(balance_cents__gte=0) | models.Q(guarded=False),
                name="account_guarded_never_below_zero",
            ),
            models.CheckConstraint(
                condition=Exact(models.F("pooled"), IsNull(models.F("balance_cents"), True)),
                name="account_pooled_keeps_no_balance",
            ),
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True) | models.Q(pooled=False, balance_cents=0),
                name="account_closed_is_empty",
            ),
        ]

    @property
    def code(self) -> int:
        return self.kind_id


class Entry(models.Model):
    """There is one row for every event in the books.

    `key` makes it happen once; `root` is that of the tree over its transfers (docs/canonical-form.md). `source` names in the
    caller's words what caused it ("payout:12"). Reasons and remittance texts stay in `Note`; the row carries a salted commitment
    to them.
    """

    key = models.CharField(max_length=120)
    kind = models.CharField(max_length=40)
    source = models.CharField(max_length=80, blank=True)
    effective_on = models.DateField()
    booked_at = models.DateTimeField()
    made_by = models.ForeignKey(
        "people.User", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    approved_by = models.ForeignKey(
        "people.User", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    reverses = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        related_name="reversals",
        db_index=False,
        db_constraint=False,
    )
    root = models.BinaryField()
    note_commitment = models.BinaryField(null=True)

    class Meta:
        verbose_name_plural = "entries"
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(made_by=models.F("approved_by")), name="entry_maker_is_not_approver"
            ),
            models.UniqueConstraint(fields=["key"], name="entry_key_once"),
            models.UniqueConstraint(
                fields=["reverses"], condition=models.Q(reverses__isnull=False), name="entry_reversed_once"
            ),
        ]
        # Most entries have nobody's name and reverse nothing: those cost no index.
        indexes = [
            models.Index(
                fields=["made_by"], condition=models.Q(made_by__isnull=False), name="entry_by_maker"
            ),
            models.Index(
                fields=["approved_by"],
                condition=models.Q(approved_by__isnull=False),
                name="entry_by_approver",
            ),
            models.Index(fields=["source"], name="entry_by_source"),
            BrinIndex(fields=["effective_on"], name="entry_by_day"),
        ]


class Note(models.Model):
    """There is one row for every entry with words of people in it. It can be erased; the commitment in the entry stays."""

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, primary_key=True, related_name="note")
    salt = models.BinaryField()
    text = models.TextField()


class Transfer(models.Model):
    """There is one row for every movement: an amount from a credited to a debited account, inside one fund.

    No foreign keys in the database: they cost a quarter of the throughput on a hot account, and the posting function,
    the only writer, proves that entry, fund and accounts exist.
    """

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="transfers", db_constraint=False)
    fund = models.ForeignKey(
        Fund, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    debit = models.ForeignKey(
        Account, on_delete=models.DO_NOTHING, related_name="debits", db_constraint=False, db_index=False
    )
    credit = models.ForeignKey(
        Account, on_delete=models.DO_NOTHING, related_name="credits", db_constraint=False, db_index=False
    )
    amount_cents = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(amount_cents__gt=0), name="transfer_amount_above_zero"),
            models.CheckConstraint(
                condition=models.Q(amount_cents__lte=MOST_CENTS), name="transfer_amount_within_reason"
            ),
            models.CheckConstraint(
                condition=~models.Q(debit=models.F("credit")), name="transfer_between_two_accounts"
            ),
        ]
        indexes = [
            models.Index(fields=["debit", "id"], name="transfer_by_debit"),
            models.Index(fields=["credit", "id"], name="transfer_by_credit"),
        ]


class Checkpoint(models.Model):
    """There is one row for every pooled account whose balance up to and including a transfer was kept.

    Spending from it leaves one, and sending money on its way one of the fund's bank; the worker does where many lines came since.
    """

    account = models.OneToOneField(
        Account, on_delete=models.PROTECT, primary_key=True, related_name="checkpoint"
    )
    up_to_transfer_id = models.BigIntegerField()
    balance_cents = models.BigIntegerField()


class CodeDay(models.Model):
    """There is one row for every code of a fund and pair of days: on which lines count, and on which they were booked.

    What all accounts of the code moved on them, up to where the totals are (`Summed`). The worker adds to it, behind the writers.
    """

    pk = models.CompositePrimaryKey("fund_id", "kind_id", "effective_on", "booked_on")
    fund = models.ForeignKey(
        Fund, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    kind = models.ForeignKey(
        Kind,
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_column="code",
        db_constraint=False,
        db_index=False,
    )
    effective_on = models.DateField()
    booked_on = models.DateField()
    debit_cents = models.BigIntegerField()
    credit_cents = models.BigIntegerField()
    lines = models.BigIntegerField()
    first_transfer_id = models.BigIntegerField()
    last_transfer_id = models.BigIntegerField()


class AccountDay(models.Model):
    """There is one row for every account that may get long and pair of days, as in `CodeDay`."""

    pk = models.CompositePrimaryKey("account_id", "effective_on", "booked_on")
    account = models.ForeignKey(
        Account, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    effective_on = models.DateField()
    booked_on = models.DateField()
    debit_cents = models.BigIntegerField()
    credit_cents = models.BigIntegerField()
    lines = models.BigIntegerField()
    first_transfer_id = models.BigIntegerField()
    last_transfer_id = models.BigIntegerField()


class Summed(models.Model):
    """There is one row: all transfers up to this number are in the totals of days, and no other is."""

    id = models.SmallIntegerField(primary_key=True)
    up_to_transfer_id = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="summed_is_one_row")]


class Watermark(models.Model):
    """There is one row for each time that somebody asked up to where the books are final, kept for a day.

    They are up to both numbers, once none of those who were `writing` (virtual transactions) writes any more.
    """

    up_to_entry_id = models.BigIntegerField()
    up_to_transfer_id = models.BigIntegerField()
    made_at = models.DateTimeField()
    writing = ArrayField(models.TextField())


class Period(models.Model):
    """There is one row for every closed stretch of days. Nothing is booked in it any more."""

    starts_on = models.DateField()
    ends_on = models.DateField()
    closed_at = models.DateTimeField()
    made_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(made_by=models.F("approved_by")), name="period_maker_is_not_approver"
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")), name="period_ends_after_it_starts"
            ),
            ExclusionConstraint(
                expressions=[
                    (models.Func("starts_on", "ends_on", models.Value("[]"), function="daterange"), "&&")
                ],
                name="period_is_closed_once",
            ),
        ]


class ClosingProposal(models.Model):
    """There is one row for every wish to close the books from one day up to another. One person makes it, another decides.

    `period` is there when it was approved; decided without one, it was withdrawn.
    """

    starts_on = models.DateField()
    ends_on = models.DateField()
    made_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    period = models.OneToOneField(Period, on_delete=models.PROTECT, null=True, related_name="proposal")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")), name="closing_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=models.Q(period=None) | models.Q(decided_at__isnull=False),
                name="closing_with_a_period_is_decided",
            ),
            models.UniqueConstraint(
                fields=["starts_on"], condition=models.Q(decided_at=None), name="closing_waits_one_at_a_time"
            ),
        ]


class Key(models.Model):
    """There is one row for every public key that signs heads: the operator's own, and those of witnesses.

    `public`: the 32 bytes of an Ed25519 key. A new key of the operator is endorsed by the one before it: `endorsement` is that
    one's signature over the new key's line. After `until` it signs no more; what it signed stays signed.
    """

    public = models.BinaryField(unique=True)
    holder = models.CharField(max_length=200)
    witness = models.BooleanField()
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    endorsed_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    endorsement = models.BinaryField(null=True)


class Seal(models.Model):
    """There is one row for every stretch of entries that was sealed: all after the seal before, up to `last_entry_id`.

    `root` is that of the tree over the entries; `head` the hash of the seal's line, in which also the head before it stands.
    `entry_ids` and `leaves` (32 bytes for each entry) tell later which entry was changed: the root alone tells that one was.
    """

    number = models.BigIntegerField(primary_key=True)
    previous = models.BinaryField()
    entries = models.BigIntegerField()
    last_entry_id = models.BigIntegerField()
    root = models.BinaryField()
    sealed_at = models.DateTimeField()
    head = models.BinaryField(unique=True)
    entry_ids = ArrayField(models.BigIntegerField())
    leaves = models.BinaryField()


class Signature(models.Model):
    """There is one row for every seal and key that signed its line: the operator's, without which no seal lasts, and others'."""

    seal = models.ForeignKey(Seal, on_delete=models.PROTECT, related_name="signatures")
    key = models.ForeignKey(Key, on_delete=models.PROTECT, related_name="signatures")
    signature = models.BinaryField()
    signed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["seal", "key"], name="signature_once_per_seal_and_key")
        ]
