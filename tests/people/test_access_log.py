"""What somebody looked at stays written down, whatever the program does."""

import pytest

from people.models import AccessLog
from tests import cast
from tests.cast import NOW
from tests.ledger.roles import as_owner, refusal, run

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE people_accesslog SET what = 'nothing'",
        "DELETE FROM people_accesslog",
        "TRUNCATE people_accesslog",
    ],
)
def test_the_application_cannot_unwrite_a_look(statement: str) -> None:
    here = cast.world()
    AccessLog.objects.create(
        user=here.mees, organisation=here.klinker, at=NOW, what=AccessLog.What.ENTRY, number=1
    )

    assert refusal(statement).sqlstate == "42501"  # insufficient privilege


def test_the_owner_could_so_it_is_the_privilege_that_holds() -> None:
    with as_owner():
        run("UPDATE people_accesslog SET what = 'nothing'")
