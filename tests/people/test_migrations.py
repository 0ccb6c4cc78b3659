"""Migrations over rows that were there."""

import pytest
from django.core.management import call_command
from django.db import connections

from people.models import Organisation
from tests import cast


def test_a_helpline_that_is_too_long_is_named_and_not_cut(own_database: str) -> None:
    cast.world()
    call_command("migrate", "people", "0004", database="owner", verbosity=0)
    long = "0800 123 45 67 (ma t/m vr 9-17 uur)"
    with connections["default"].cursor() as cursor:
        cursor.execute("UPDATE people_organisation SET helpline = %s WHERE slug = 'de-klinker'", [long])
    with pytest.raises(ValueError, match="helpline of de-klinker has 35 characters, and 24 fit"):
        call_command("migrate", "people", "0005", database="owner", verbosity=0)
    assert Organisation.objects.get(slug="de-klinker").helpline == long
