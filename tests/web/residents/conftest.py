"""Fixtures for the pages of who holds a cheque."""

from dataclasses import dataclass

import pytest
from django.test import Client

from campaigns.models import Campaign
from cheques.models import ChequeRun
from tests import cast
from tests.cast import World
from tests.web.clock import Clock
from tests.web.residents.letters import Letter, letter


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def client() -> Client:
    """In English, so that a test reads what the source says."""
    return Client(headers={"accept-language": "en"})


@dataclass
class Street:
    """The Irisplein on the day the letters fall: cheques of 7,50, and one campaign that collects."""

    world: World
    run: ChequeRun
    bench: Campaign

    def letter(self) -> Letter:
        """A letter that nobody has opened yet."""
        return letter(self.run.cheques.filter(selector__isnull=True).order_by("pk")[0])


@pytest.fixture
def street(db: None) -> Street:
    here = cast.world()
    cast.dwellings(here, 20)
    programme = cast.funded(here)
    return Street(here, cast.issued(here, programme), cast.campaign(here, programme, target_cents=10_000))
