"""Forms of De Klinker, each sent six times at the same moment: one effect."""

from django.urls import reverse

from cheques.models import ChequeRun, Freeze
from programmes.models import FundingRequest, Programme
from tests import cast
from tests.web.pressing import TIMES, sent_at_once
from tests.web.staff import test_programmes, test_runs

SENT_ON = [302] * TIMES


def test_a_programme_is_made_once_and_its_budget_asked_for_once(own_database: str) -> None:
    here = cast.world()
    # Who comes after the first was kept is told at the field that there is one of this name.
    assert set(sent_at_once(here.karin, reverse("staff_new_programme"), test_programmes.told)) <= {200, 302}
    assert (Programme.objects.count(), FundingRequest.objects.count()) == (1, 1)


def test_more_budget_is_asked_for_once(own_database: str) -> None:
    here = cast.world()
    programme = cast.funded(here)
    address = reverse("staff_more_funding", args=[programme.pk])
    assert sent_at_once(here.karin, address, lambda: {"amount": "250", "seen": "1"}) == SENT_ON
    assert programme.fund.funding_requests.count() == 2


def test_a_run_is_prepared_once(own_database: str) -> None:
    here = cast.world()
    cast.dwellings(here, 3)
    programme = cast.funded(here)
    form = test_runs.told(here, programme)
    assert sent_at_once(here.karin, reverse("staff_prepare_run"), lambda: form) == SENT_ON
    assert ChequeRun.objects.count() == 1


def test_a_cheque_is_stopped_once_and_written_down_once(own_database: str) -> None:
    here = cast.world()
    cast.dwellings(here, 1)
    cheque = cast.issued(here, cast.funded(here)).cheques.get()
    form = {"reason": "De brief is weg.", "frozen": "on"}
    address = reverse("staff_cheque", args=[cheque.pk])
    assert sent_at_once(here.karin, address, lambda: form) == SENT_ON
    assert list(Freeze.objects.values_list("frozen", "made_by")) == [(True, here.karin.pk)]
