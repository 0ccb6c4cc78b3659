"""A municipality with its districts and neighbourhoods, from files as Statistics Netherlands publishes them."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.core.management import CommandError, call_command

from places.areas import AreasRefused, FaultCode
from places.models import District, Municipality, Neighbourhood
from places.operations import import_neighbourhoods

pytestmark = pytest.mark.django_db

# As the key figures of 2024 have it, less most of its hundred columns.
FIGURES = """\
gwb_code_10;gwb_code_8;regio;gm_naam;recs;a_inw;bev_dich
NL00;0;Nederland;Nederland;Land;17942942;532
GM0502;0502;Capelle aan den IJssel;Capelle aan den IJssel;Gemeente;67873;4778
WK050201;050201;Capelle-West & 's-Gravenland;Capelle aan den IJssel;Wijk;9290;2911
BU05020100;05020100;Capelle-West;Capelle aan den IJssel;Buurt;1740;.
BU05020101;05020101;Centrum;Capelle aan den IJssel;Buurt;.;.
GM0363;0363;Amsterdam;Amsterdam;Gemeente;931298;5634
WK0363AA;0363AA;Burgwallen-Oude Zijde;Amsterdam;Wijk;.;.
BU0363AA01;0363AA01;Centrum;Amsterdam;Buurt;915;.
"""
CAPELLE = site.ROOT.parent / "shared" / "data" / "capelle" / "wijken-2024.csv"


def take_in(text: str, *, year: int = 2024, **options: Any) -> dict[str, int]:
    return import_neighbourhoods(content=text.encode(), year=year, **options)


def faults(text: str | bytes) -> list[tuple[int, str, str]]:
    with pytest.raises(AreasRefused) as refused:
        import_neighbourhoods(content=text.encode() if isinstance(text, str) else text, year=2024)
    assert not Municipality.objects.exists()
    return [(fault.line, fault.code, fault.value) for fault in refused.value.faults]


def test_the_key_figures_become_municipalities_districts_and_neighbourhoods() -> None:
    assert take_in(FIGURES) == {"added": 7, "updated": 0, "unchanged": 0}
    assert list(
        Neighbourhood.objects.order_by("code").values_list(
            "code", "name", "slug", "district__name", "district__inhabitants", "district__municipality__name"
        )
    ) == [
        ("BU0363AA01", "Centrum", "centrum-amsterdam", "Burgwallen-Oude Zijde", None, "Amsterdam"),
        (
            "BU05020100",
            "Capelle-West",
            "capelle-west",
            "Capelle-West & 's-Gravenland",
            9290,
            "Capelle aan den IJssel",
        ),
        (
            "BU05020101",
            "Centrum",
            "centrum",
            "Capelle-West & 's-Gravenland",
            9290,
            "Capelle aan den IJssel",
        ),
    ]
    assert set(District.objects.values_list("year", flat=True)) == {2024}


def test_of_the_whole_country_one_takes_the_municipalities_one_wants() -> None:
    assert take_in(FIGURES, municipalities=["GM0363"])["added"] == 3
    assert Municipality.objects.get().name == "Amsterdam"


def test_the_same_file_again_changes_nothing_and_next_years_brings_up_to_date() -> None:
    take_in(FIGURES)
    assert take_in(FIGURES) == {"added": 0, "updated": 0, "unchanged": 7}
    newer = FIGURES.replace(";9290;", ";9301;").replace(
        "BU05020101;05020101;Centrum", "BU05020101;05020101;Stadshart"
    )
    assert take_in(newer, year=2025) == {"added": 0, "updated": 3, "unchanged": 4}
    district = District.objects.get(code="WK050201")
    assert (district.inhabitants, district.year) == (9301, 2025)
    renamed = Neighbourhood.objects.get(code="BU05020101")
    assert (renamed.name, renamed.slug) == ("Stadshart", "centrum"), "links to its page go on working"


def test_lists_of_codes_are_taken_in_one_after_another() -> None:
    take_in("gemcode2024,gemeentenaam2024\nGM0502,Capelle aan den IJssel\n")
    take_in("wijkcode2024,wijknaam2024\nWK050201,Capelle-West\n")
    take_in("\ufeffbuurtcode2024;buurtnaam2024\r\nBU05020101;Fascinatio\r\n;\r\n")
    assert Neighbourhood.objects.get().district.municipality.code == "GM0502"


@pytest.mark.skipif(not CAPELLE.exists(), reason="the districts of Capelle are not among the shared data")
def test_the_districts_of_capelle_are_taken_in() -> None:
    take_in("code;naam\nGM0502;Capelle aan den IJssel\n")
    assert import_neighbourhoods(content=CAPELLE.read_bytes(), year=2024)["added"] == 9
    assert District.objects.get(code="WK050201").inhabitants == 9290


def test_every_fault_is_told_by_its_line_and_nothing_is_taken_in() -> None:
    assert faults(
        "code;naam;inwoners\n"
        "GM0502;Capelle;67873\n"
        "WK050201;Capelle-West\n"
        "WK050202;;9290\n"
        "WK050203;Oostgaarde;9.290\n"
        "BU5020101;Fascinatio;10\n"
        'BU05020301;"Rivium;10\n'
        "BU05020302;Rivium;10\n"
        "GM0502;Capelle;67873\n"
    ) == [
        (3, FaultCode.WRONG_CELLS, "2"),
        (4, FaultCode.BAD_NAME, ""),
        (5, FaultCode.BAD_NUMBER, "9.290"),
        (6, FaultCode.BAD_CODE, "BU5020101"),
        (7, FaultCode.BROKEN_LINE, 'BU05020301;"Rivium;10'),
        (8, FaultCode.UNKNOWN_PARENT, "WK050203"),
        (9, FaultCode.DOUBLE_CODE, "GM0502"),
    ]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", (0, FaultCode.NO_COLUMN)),
        (b"code;naam\n", (0, FaultCode.NO_AREAS)),
        (b"code;plaats\nGM0502;Capelle\n", (1, FaultCode.NO_COLUMN)),
        (b"gemeentecode;wijkcode;naam\nGM0502;WK050201;Capelle\n", (1, FaultCode.TWO_COLUMNS)),
        (b"code;naam\nGM0502;S\xe3o\n", (2, FaultCode.NOT_UTF8)),
    ],
)
def test_a_file_that_is_something_else_is_refused(content: bytes, fault: tuple[int, FaultCode]) -> None:
    assert fault in [told[:2] for told in faults(content)]


def test_the_command_counts_or_tells_the_faults(tmp_path: Path) -> None:
    file = tmp_path / "kwb-2024.csv"
    file.write_text(FIGURES)
    out = io.StringIO()
    call_command("import_neighbourhoods", str(file), "--year", "2024", "--municipality", "GM0502", stdout=out)
    assert out.getvalue().strip() == "4 areas added, 0 brought up to date, 0 as they were."
    out = io.StringIO()
    call_command("import_neighbourhoods", str(file), "--year", "2024", "--json", stdout=out)
    assert json.loads(out.getvalue()) == {"ok": True, "added": 3, "updated": 0, "unchanged": 4}

    file.write_text("code;naam\nGM05;Capelle\n")
    told, errors = io.StringIO(), io.StringIO()
    with pytest.raises(CommandError, match="Nothing was taken in: 1 faults"):
        call_command("import_neighbourhoods", str(file), "--year", "2024", stderr=errors)
    assert errors.getvalue().strip() == "line 2: bad_code 'GM05'"
    with pytest.raises(CommandError):
        call_command("import_neighbourhoods", str(file), "--year", "2024", "--json", stdout=told)
    assert json.loads(told.getvalue()) == {
        "ok": False,
        "faults": [{"line": 2, "code": "bad_code", "value": "GM05"}],
    }
    with pytest.raises(CommandError, match="missing"):
        call_command("import_neighbourhoods", str(tmp_path / "missing.csv"), "--year", "2024")
