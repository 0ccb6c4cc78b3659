"""Statements that we write ourselves are read back as they were, and a bank's schema takes them."""

import string
from datetime import UTC, date

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from payments.bank import camt053, camt053_writer
from payments.bank.camt053 import Line, Statement
from tests.payments.bank import real_input, samples

IBANS = st.sampled_from([samples.DE_LINDEN_IBAN, samples.FATIMA_IBAN, "BE71096123456769"])
WORDS = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=35)
CODES = st.text(string.ascii_uppercase, min_size=4, max_size=4)
DAYS = st.dates(date(2020, 1, 1), date(2100, 1, 1))
TEXTS = st.lists(st.lists(WORDS, min_size=1, max_size=3).map(" ".join), max_size=3).map("\n".join)

LINES = st.builds(
    Line,
    amount_cents=st.integers(1, 10**15),
    credit=st.booleans(),
    booked_on=DAYS,
    value_on=DAYS,
    reversal=st.booleans(),
    return_reason=st.just("") | CODES,
    account_servicer_reference=st.just("") | WORDS,
    end_to_end_id=st.just("") | WORDS.filter(lambda word: word != "NOTPROVIDED"),
    structured_reference=st.just("") | st.just(samples.RF) | WORDS,
    remittance=TEXTS,
    counterparty_name=st.just("") | WORDS,
    counterparty_iban=st.just("") | IBANS,
    transaction_code=st.just("") | WORDS | st.tuples(CODES, CODES, CODES).map("-".join),
)


@st.composite
def statements(draw: st.DrawFn) -> Statement:
    return samples.statement(
        *draw(st.lists(LINES, max_size=6)),
        opening_cents=draw(st.integers(-(10**12), 10**12)),
        identification=draw(WORDS),
        sequence_number=draw(st.none() | st.integers(0, 10**9)),
        opening_on=draw(DAYS),
        closing_on=draw(DAYS),
        created_at=draw(st.datetimes(timezones=st.just(UTC))),
    )


@given(statements())
@settings(deadline=None)
def test_a_statement_is_read_back_as_it_was_written(statement: Statement) -> None:
    assert camt053.parse(camt053_writer.write(statement)) == [statement]


@given(statements())
@settings(deadline=None, max_examples=30)
def test_every_line_has_a_fingerprint_of_its_own(statement: Statement) -> None:
    doubled = samples.statement(*statement.lines, *statement.lines)

    assert len({line.fingerprint for line in doubled.lines}) == len(doubled.lines)


def test_a_written_statement_is_valid_by_the_schema() -> None:
    schema = real_input.schema("camt.053.001.08")

    @given(statements())
    @settings(deadline=None, max_examples=50)
    def each_is_valid(statement: Statement) -> None:
        schema.assertValid(etree.fromstring(camt053_writer.write(statement)))

    each_is_valid()


def test_a_days_story_is_written_and_read_back() -> None:
    """De Linden funds, Fatima's payout leaves and is returned since her account is closed."""
    payout = samples.line(
        amount_cents=25_000,
        credit=False,
        account_servicer_reference="ABNA0002",
        end_to_end_id="PAYOUT-1",
        structured_reference="",
        remittance="Straatfeest Lindelaan",
        counterparty_name="Fatima El Idrissi",
        counterparty_iban=samples.FATIMA_IBAN,
        transaction_code="PMNT-ICDT-ESCT",
    )
    returned = samples.line(
        amount_cents=25_000,
        return_reason="AC04",
        account_servicer_reference="ABNA0003",
        end_to_end_id="PAYOUT-1",
        structured_reference="",
        counterparty_name="Fatima El Idrissi",
        counterparty_iban=samples.FATIMA_IBAN,
        transaction_code="PMNT-ICDT-RRTN",
    )

    (read,) = camt053.parse(camt053_writer.write(samples.statement(samples.line(), payout, returned)))

    assert read.closing_cents == 1_000_000
    assert [(line.signed_cents, line.counterparty_name) for line in read.lines] == [
        (1_000_000, "Woonstichting De Linden"),
        (-25_000, "Fatima El Idrissi"),
        (25_000, "Fatima El Idrissi"),
    ]
