"""Real ballots through the real operations, against a count that knows nothing of this project."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.core.management import call_command

from books import checks
from campaigns.models import Campaign, State
from cheques.models import Cheque
from ledger import queries as books
from ledger.chart import Code
from people.models import Organisation
from tests.books.soundness import assert_sound

PABULIB = site.ROOT.parent / "shared" / "data" / "pabulib"


@dataclass
class Count:
    """What has to come out, in cents."""

    voters: int
    projects: int
    campaigns_funded: int
    issued_cents: int
    given_gross_cents: int
    given_net_cents: int
    returned_cents: int


def count(file: Path) -> Count:
    """Straight from the file, by the rule as it was written down."""
    budget_cents = 0
    costs: dict[str, int] = {}
    ballots: list[list[str]] = []
    columns: list[str] = []
    section = ""
    for line in file.read_text(encoding="utf-8").splitlines():
        cells = line.split(";")
        if line.strip() in ("META", "PROJECTS", "VOTES"):
            section, columns = line.strip(), []
        elif not columns:
            columns = cells
        elif section == "META" and cells[0] == "budget":
            budget_cents = int(cells[1]) * 100
        elif section == "PROJECTS":
            costs[cells[columns.index("project_id")]] = int(cells[columns.index("cost")]) * 100
        elif section == "VOTES":
            approved = cells[columns.index("vote")]
            ballots.append(approved.split(",") if approved else [])
    value = budget_cents // len(ballots)
    given = dict.fromkeys(costs, 0)
    for approved_projects in ballots:
        for place, project in enumerate(approved_projects):
            part = value // len(approved_projects) + (1 if place < value % len(approved_projects) else 0)
            given[project] += min(part, costs[project] - given[project])
    funded = [project for project in costs if given[project] == costs[project]]
    gross, net = sum(given.values()), sum(costs[project] for project in funded)
    return Count(len(ballots), len(costs), len(funded), value * len(ballots), gross, net, gross - net)


def replayed(file: Path, capsys: pytest.CaptureFixture[str], **options: Any) -> dict[str, Any]:
    """The one JSON object that the command prints."""
    call_command("replay_ballots", file, json=True, **options)
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    return said


def assert_equations(said: dict[str, Any]) -> None:
    assert said["issued_cents"] == (
        said["outstanding_cents"] + said["activated_cents"] + said["expired_cents"]
    )
    assert said["activated_cents"] == said["purses_cents"] + said["given_net_cents"]
    assert said["given_gross_cents"] == said["given_net_cents"] + said["returned_cents"]
    assert said["paid_out_cents"] == said["given_net_cents"]
    assert said["trial_balance_cents"] == 0


KERMIS = """META
key;value
description;Kermis
budget;10
vote_type;approval
PROJECTS
project_id;cost;votes;name
a;4;2;Draaimolen
b;5;2;Botsauto's
VOTES
voter_id;vote
els;a,b
bas;b,a
roos;a
kees;
"""


@pytest.mark.django_db
def test_a_fair_that_can_be_counted_by_hand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """€ 10,00 for four voters: € 2,50 each.

    Els gives a and b € 1,25, Bas too. Roos would give a € 2,50, but it needs only € 1,50 more. Kees keeps all. So the
    merry-go-round of € 4,00 is there, and the bumper cars stay at € 2,50 of € 5,00: that goes back to Els and Bas.
    """
    file = tmp_path / "kermis.pb"
    file.write_text(KERMIS, encoding="utf-8")

    said = replayed(file, capsys)

    seconds = said.pop("seconds")
    assert seconds >= 0
    assert said == {
        "voters": 4,
        "projects": 2,
        "campaigns_funded": 1,
        "issued_cents": 1_000,
        "outstanding_cents": 0,
        "activated_cents": 1_000,
        "expired_cents": 0,
        "purses_cents": 600,
        "given_gross_cents": 650,
        "given_net_cents": 400,
        "returned_cents": 250,
        "paid_out_cents": 400,
        # Money in, run issued, cheques activated, gifts, gifts returned, payout approved, payout left.
        "entries": 7,
        # 1 + 4 + 4 + 5 + 2 + 2 (and its memorandum) + 1
        "transfers": 19,
        "trial_balance_cents": 0,
    }
    by_title = {campaign.title: campaign for campaign in Campaign.objects.all()}
    assert (by_title["Draaimolen"].state, by_title["Botsauto's"].state) == (State.PAID, State.FAILED)
    purses = [
        books.balance(cheque.purse.account_id)
        for cheque in Cheque.objects.select_related("purse").order_by("dwelling__house_number")
        if cheque.purse
    ]
    assert purses == [125, 125, 100, 250]
    assert_sound()


@pytest.mark.parametrize(
    "name",
    [
        "Netherlands_Assen_2024",
        "Netherlands_Amsterdam_522",
        pytest.param("Netherlands_Amsterdam_309", marks=pytest.mark.slow),
    ],
)
def test_a_real_vote_comes_out_as_an_independent_count_says(
    own_database: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = PABULIB / f"{name}.pb"
    if not file.exists():
        pytest.skip(f"{file.name} is not beside this project")
    expected = count(file)

    said = replayed(file, capsys, organisation="Woonstichting De Klinker")

    assert {key: said[key] for key in vars(expected)} == vars(expected)
    assert_equations(said)
    assert said["activated_cents"] == expected.issued_cents
    assert (books.total(code=Code.BANK), books.total(code=Code.UNACCOUNTED)) == (
        books.total(code=Code.BUDGET) + books.total(code=Code.PURSES),
        expected.given_net_cents,
    )
    assert [check.name for check in checks.run() if not check.ok] == []


@pytest.mark.django_db
def test_two_replays_under_one_name_are_two_programmes_of_one_host(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "kermis.pb"
    file.write_text(KERMIS, encoding="utf-8")
    first, second = (replayed(file, capsys, organisation="De Klinker") for _ in range(2))
    del first["seconds"], second["seconds"]
    assert first == second
    assert Organisation.objects.get(name="De Klinker").programmes.count() == 2
    assert_sound()


@pytest.mark.django_db
def test_without_json_it_is_a_list_to_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "kermis.pb"
    file.write_text(KERMIS, encoding="utf-8")
    call_command("replay_ballots", file)
    assert "paid_out_cents  400" in capsys.readouterr().out
    assert Organisation.objects.filter(name="kermis").exists()
