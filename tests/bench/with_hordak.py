"""A process that does the same with django-hordak, by its documented calls, in the environment of `requirements/bench.txt`."""

import os
import random
import time
from uuid import uuid4

import dj_database_url
import django
from django.conf import settings

settings.configure(
    DATABASES={"default": dj_database_url.parse(os.environ["HORDAK_DATABASE_URL"], conn_max_age=None)},
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "mptt", "hordak"],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    DEFAULT_CURRENCY="EUR",
    CURRENCIES=["EUR"],
    USE_TZ=True,
)
django.setup()

from django.core.management import call_command  # noqa: E402 (only once Django is set up)
from django.db import transaction  # noqa: E402
from hordak.models import Account, AccountType, Leg, Transaction  # noqa: E402
from moneyed import Money  # noqa: E402

from tests.bench.talk import serve  # noqa: E402

CENT = Money("0.01", "EUR")


def migrate(_: float) -> None:
    call_command("migrate", verbosity=0)


def open_books(size: float) -> None:
    """A budget, so many purses, a tenth as many pots."""
    create(["Budget"])
    create([f"Purse {number}" for number in range(int(size))])
    create([f"Pot {number}" for number in range(int(size) // 10)])


def create(names: list[str]) -> list[Account]:
    """In bulk. Each is a tree of its own, told so by hand, which spares hordak the rebuilding of its tree."""
    tree = Account.objects.count() + 1
    made: list[Account] = Account.objects.bulk_create(
        Account(
            name=name,
            type=AccountType.liability,
            currencies=["EUR"],
            code=None,
            lft=1,
            rght=2,
            tree_id=tree + number,
            level=0,
        )
        for number, name in enumerate(names)
    )
    return made


def transfers(seconds: float) -> tuple[int, float]:
    """Gifts of a cent from any purse into any pot, one after the other. Gives how many, and how long they took."""
    purses = list(Account.objects.filter(name__startswith="Purse "))
    pots = list(Account.objects.filter(name__startswith="Pot "))
    done, begun = 0, time.perf_counter()
    while (took := time.perf_counter() - begun) < seconds:
        random.choice(purses).transfer_to(random.choice(pots), CENT, description=f"gift:{done}")
        done += 1
    return done, took


def issue(cheques: float) -> float:
    """Accounts in bulk, and in bulk a transaction of two legs for each, all in one go. Gives the seconds it took.

    One transaction for all, as we book it, would be unfair: hordak adds up all its legs once for every leg.
    """
    run, budget = uuid4().hex, Account.objects.get(name="Budget")
    begun = time.perf_counter()
    with transaction.atomic():
        accounts = create([f"Cheque {run}:{number}" for number in range(int(cheques))])
        booked = Transaction.objects.bulk_create(Transaction(description=run) for _ in accounts)
        legs = []
        for account, one in zip(accounts, booked, strict=True):
            legs.append(Leg(transaction=one, account=budget, debit=CENT))
            legs.append(Leg(transaction=one, account=account, credit=CENT))
        Leg.objects.bulk_create(legs)
    return time.perf_counter() - begun


def balance(calls: float) -> float:
    """Seconds for the balance of the budget, in the quicker of its two ways: summed in the database."""
    pk = Account.objects.get(name="Budget").pk
    begun = time.perf_counter()
    for _ in range(int(calls)):
        assert Account.objects.with_balances().get(pk=pk).balance is not None
    return (time.perf_counter() - begun) / int(calls)


if __name__ == "__main__":
    serve(
        {"migrate": migrate, "open": open_books, "transfers": transfers, "issue": issue, "balance": balance}
    )
