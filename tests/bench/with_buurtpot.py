"""A process that works on Buurtpot's books through `ledger.operations`, as the application's role."""

import os
import random
import time
from uuid import uuid4

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.utils import timezone  # noqa: E402 (only once Django is set up)

from ledger import days, queries, seals  # noqa: E402
from ledger import operations as ledger  # noqa: E402
from ledger.chart import Code, FundKind  # noqa: E402
from ledger.checks import all_checks  # noqa: E402
from ledger.operations import Move  # noqa: E402
from people.models import Organisation, OrganisationKind, User  # noqa: E402
from tests.bench.talk import serve  # noqa: E402

POTS_PER_PURSE = 10  # one pot for ten purses
SEAL_EVERY_SECONDS = 1.0
CENTS = 1_000_000_000  # on every purse and cheque: more than any run gives away


def open_books(size: float) -> dict[str, list[int]]:
    """A programme with so many purses and cheques, a tenth as many pots, and money on all. Gives the first and last ids."""
    now = timezone.now()
    corporation = Organisation.objects.create(kind=OrganisationKind.CORPORATION, name="De Klinker", slug="k")
    fund = ledger.open_fund(kind=FundKind.PROGRAMME, name="Bench", organisation=corporation, now=now).pk
    karin, youssef = (
        User.objects.create_user(email=f"{name.lower()}@example.nl", name=name)
        for name in ("Karin", "Youssef")
    )
    bank = ledger.account(fund_id=fund, code=Code.BANK)
    budget = ledger.account(fund_id=fund, code=Code.BUDGET)
    pots = opened(fund, Code.POTS, int(size) // POTS_PER_PURSE)
    purses = opened(fund, Code.PURSES, int(size))
    cheques = opened(fund, Code.CHEQUES, int(size))
    for number, accounts in enumerate(([budget], purses, cheques)):
        moves = [Move(bank, account, CENTS) for account in accounts]
        ledger.post(
            key=f"money:{number}", kind="grant", moves=moves, now=now, made_by=karin, approved_by=youssef
        )
    # From each purse a gift: what fills a large journal copies these.
    for number, purse in enumerate(purses):
        move = Move(purse, pots[number % len(pots)], 1)
        ledger.post(key=f"gift:{number}", kind="gift", source=f"gift:{number}", moves=[move], now=now)
    return {
        name: [ids[0], ids[-1]] for name, ids in (("pots", pots), ("purses", purses), ("cheques", cheques))
    }


def opened(fund: int, code: Code, count: int) -> list[int]:
    ids = sorted(
        ledger.open_accounts(
            fund_id=fund, code=code, names={f"{code}:{n}": "" for n in range(count)}
        ).values()
    )
    assert ids[-1] - ids[0] == count - 1, "pgbench draws accounts from a range without gaps"
    return ids


def known(code: Code) -> list[int]:
    return list(
        queries.accounts_of(fund_ids=[the_fund()]).filter(kind_id=int(code)).values_list("pk", flat=True)
    )


def the_fund() -> int:
    return queries.funds_of(organisation_id=Organisation.objects.get().pk).get().pk


def transfers(seconds: float) -> tuple[int, float]:
    """Gifts of a cent from any purse into any pot, one after the other. Gives how many, and how long they took."""
    purses, pots = known(Code.PURSES), known(Code.POTS)
    run, done, begun = uuid4().hex, 0, time.perf_counter()
    while (took := time.perf_counter() - begun) < seconds:
        ledger.post(
            key=f"gift:{run}:{done}",
            kind="gift",
            source=f"gift:{done}",
            moves=[Move(random.choice(purses), random.choice(pots), 1)],
            now=timezone.now(),
        )
        done += 1
    return done, took


def issue(cheques: float) -> float:
    """A run of cheques: an account for each, and one entry that moves budget into them. Gives the seconds it took."""
    run = uuid4().hex
    karin, youssef = User.objects.order_by("pk")
    budget = known(Code.BUDGET)[0]
    begun = time.perf_counter()
    ledger.issue(
        key=f"issue:{run}",
        kind="issue",
        budget=budget,
        subjects=[f"{run}:{number}" for number in range(int(cheques))],
        name="Cheque",
        amount_cents=1,
        now=timezone.now(),
        made_by=karin,
        approved_by=youssef,
    )
    return time.perf_counter() - begun


def give_much(lines: float) -> None:
    """So many gifts into the first pot, in one entry."""
    purses, pot = known(Code.PURSES), known(Code.POTS)[0]
    moves = [Move(purses[number % len(purses)], pot, 1) for number in range(int(lines))]
    ledger.post(key=f"gifts:{uuid4().hex}", kind="gift", moves=moves, now=timezone.now())


def add_up(_: float) -> None:
    """What the worker does every two minutes."""
    days.add_up()
    days.leave_checkpoints()


def balance_of(code: Code, calls: int) -> float:
    """Seconds for the balance of the first account of a code."""
    account = known(code)[0]
    begun = time.perf_counter()
    for _ in range(calls):
        queries.balance(account)
    return (time.perf_counter() - begun) / calls


def seal(seconds: float) -> int:
    """Seals what is there, as the worker does every twenty seconds; then every second, for so long. Gives the number of seals."""
    begun, made = time.perf_counter(), 0
    while True:
        made += len(
            seals.seal(key=seals.the_key(), head_file=seals.head_file(), holder="Bench", now=timezone.now())
        )
        if time.perf_counter() - begun + SEAL_EVERY_SECONDS > seconds:
            return made
        time.sleep(SEAL_EVERY_SECONDS)


def broken(_: float) -> list[str]:
    """The invariants of the books that do not hold."""
    return [check.name for check in all_checks() if not check.ok]


if __name__ == "__main__":
    serve(
        {
            "open": open_books,
            "transfers": transfers,
            "issue": issue,
            "give_much": give_much,
            "add_up": add_up,
            "balance_cold": lambda calls: balance_of(Code.BUDGET, int(calls)),
            "seal": seal,
            "check": broken,
            "balance_pooled": lambda calls: balance_of(Code.POTS, int(calls)),
        }
    )
