"""A list is read whole, or refused with every fault that it has."""

import contextlib
import csv
import io
import random
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from places.imports import LONGEST, MAX_BYTES, MAX_FAULTS, MAX_ROWS, Fault, FaultCode, ListRefused, Row, parse
from places.models import Dwelling, Estate

NORTH, SOUTH = "BU05020101", "BU05020102"
NEIGHBOURHOODS = {NORTH: 1, SOUTH: 2}
HEADER = "straat;huisnummer;toevoeging;postcode;plaats;buurtcode;complex;vhe;eigen_huurder"
GOOD = f"Bermweg;12;a;2907 LA;Capelle aan den IJssel;{NORTH};C14;V-100;ja"
ROW = Row("Bermweg", 12, "A", "2907LA", "Capelle aan den IJssel", 1, "C14", "V-100", True)


def read(*lines: str) -> list[Row]:
    return parse("\n".join(lines).encode(), neighbourhoods=NEIGHBOURHOODS)


def refusal(content: bytes) -> ListRefused:
    with pytest.raises(ListRefused) as refused:
        parse(content, neighbourhoods=NEIGHBOURHOODS)
    return refused.value


def faults(*lines: str) -> list[Fault]:
    return list(refusal("\n".join(lines).encode()).faults)


def test_a_list_with_semicolons_is_read() -> None:
    assert read(HEADER, GOOD) == [ROW]


def test_a_list_with_commas_is_read_alike() -> None:
    assert read(HEADER.replace(";", ","), GOOD.replace(";", ",")) == [ROW]


def test_a_comma_inside_quotation_marks_belongs_to_the_cell() -> None:
    line = GOOD.replace(";", ",").replace("Bermweg", '"Bermweg, zuidzijde"')
    assert read(HEADER.replace(";", ","), line)[0].street == "Bermweg, zuidzijde"


def test_the_mark_that_spreadsheets_put_before_utf8_is_passed_over() -> None:
    assert parse(f"\ufeff{HEADER}\n{GOOD}".encode(), neighbourhoods=NEIGHBOURHOODS) == [ROW]


def test_columns_may_stand_in_any_order_and_be_spelled_with_capitals_and_spaces() -> None:
    header = "Eigen huurder; POSTCODE ;Huisnummer;Straat;Buurtcode;Plaats"
    assert read(header, f"nee;2907la;7;Bermweg;{SOUTH.lower()};Capelle") == [
        Row("Bermweg", 7, "", "2907LA", "Capelle", 2, None, None, False)
    ]


def test_a_column_that_is_missing_says_nothing_and_an_empty_cell_says_empty() -> None:
    short = "straat;huisnummer;postcode;plaats;buurtcode"
    without = read(short, f"Bermweg;12;2907LA;Capelle;{NORTH}")[0]
    empty = read(HEADER, f"Bermweg;12;;2907LA;Capelle;{NORTH};;;")[0]
    assert (without.estate_code, without.number_of_unit, without.own_tenant) == (None, None, None)
    assert (empty.estate_code, empty.number_of_unit, empty.own_tenant) == ("", "", True)


@pytest.mark.parametrize("postcode", ["2907LA", "2907la", "2907 LA", " 2907  la ", "2907\u00a0LA"])
def test_a_postcode_is_understood_however_it_is_spaced(postcode: str) -> None:
    assert read(HEADER, GOOD.replace("2907 LA", postcode))[0].postcode == "2907LA"


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_lines_are_counted_as_an_editor_counts_them(ending: str) -> None:
    text = ending.join(["", HEADER, GOOD, ";;;;;;;;", "", GOOD.replace("2907 LA", "2907"), ""])
    assert refusal(text.encode()).faults == [Fault(6, "postcode", FaultCode.BAD_POSTCODE, "2907")]


@pytest.mark.parametrize(
    ("column", "code", "good", "bad"),
    [
        ("straat", FaultCode.MISSING_VALUE, "Bermweg", ""),
        ("straat", FaultCode.TOO_LONG, "Bermweg", "x" * 101),
        ("straat", FaultCode.FORMULA, "Bermweg", '=HYPERLINK("http://example.org")'.replace('"', "")),
        ("straat", FaultCode.FORMULA, "Bermweg", "@SUM(A1)"),
        ("straat", FaultCode.UNPRINTABLE, "Bermweg", "Berm\u202eweg"),
        ("straat", FaultCode.UNPRINTABLE, "Bermweg", "Berm\x1bweg"),
        ("huisnummer", FaultCode.BAD_HOUSE_NUMBER, "12", "12a"),
        ("huisnummer", FaultCode.BAD_HOUSE_NUMBER, "12", "0"),
        ("huisnummer", FaultCode.BAD_HOUSE_NUMBER, "12", "123456"),
        ("huisnummer", FaultCode.BAD_HOUSE_NUMBER, "12", "١٢"),
        ("huisnummer", FaultCode.FORMULA, "12", "-12"),
        ("toevoeging", FaultCode.TOO_LONG, "a", "elf tekens."),
        ("toevoeging", FaultCode.TOO_LONG, "a", "ßßßßßß"),
        ("toevoeging", FaultCode.FORMULA, "a", "+1"),
        ("postcode", FaultCode.BAD_POSTCODE, "2907 LA", "0907 LA"),
        ("postcode", FaultCode.BAD_POSTCODE, "2907 LA", "LA 2907"),
        ("postcode", FaultCode.MISSING_VALUE, "2907 LA", " "),
        ("plaats", FaultCode.TOO_LONG, "Capelle aan den IJssel", "x" * 61),
        ("buurtcode", FaultCode.UNKNOWN_NEIGHBOURHOOD, NORTH, "BU03630000"),
        ("complex", FaultCode.TOO_LONG, "C14", "x" * 21),
        ("vhe", FaultCode.TOO_LONG, "V-100", "x" * 31),
        ("eigen_huurder", FaultCode.BAD_ANSWER, "ja", "misschien"),
    ],
)
def test_a_bad_cell_is_named_with_its_line_its_column_and_what_it_holds(
    column: str, code: FaultCode, good: str, bad: str
) -> None:
    cells = GOOD.split(";")
    place = HEADER.split(";").index(column)
    assert cells[place] == good
    cells[place] = bad
    assert faults(HEADER, GOOD.replace("12", "14"), ";".join(cells)) == [
        Fault(3, column, code, bad.strip()[:60])
    ]


def test_what_is_too_long_is_what_the_database_would_not_hold() -> None:
    widths = {
        "straat": Dwelling._meta.get_field("street").max_length,
        "toevoeging": Dwelling._meta.get_field("addition").max_length,
        "plaats": Dwelling._meta.get_field("town").max_length,
        "complex": Estate._meta.get_field("code").max_length,
        "vhe": Dwelling._meta.get_field("number_of_unit").max_length,
    }
    assert widths == LONGEST


def test_all_faults_are_told_at_once() -> None:
    lines = [
        f"Bermweg;x;;29;Capelle;{NORTH};;;",
        GOOD,
        f"Bermweg;13;;2907LA;Capelle;{NORTH};;;;;",
        GOOD.replace("2907 LA", "2907la"),
    ]
    assert faults(HEADER, *lines) == [
        Fault(2, "huisnummer", FaultCode.BAD_HOUSE_NUMBER, "x"),
        Fault(2, "postcode", FaultCode.BAD_POSTCODE, "29"),
        Fault(4, "", FaultCode.WRONG_CELLS, "11"),
        Fault(5, "", FaultCode.DOUBLE_DWELLING, "3"),
    ]


def test_of_very_many_faults_the_first_are_told_and_all_are_counted() -> None:
    refused = refusal("\n".join([HEADER, *["Bermweg"] * 1000]).encode())
    assert len(refused.faults) == MAX_FAULTS == 200
    assert refused.total == 1000
    assert refused.faults[-1].line == 201


@pytest.mark.parametrize("again", [GOOD, GOOD.replace(";a;", ";A;"), GOOD.replace("2907 LA", "2907la")])
def test_an_address_that_comes_twice_is_refused_and_the_first_line_named(again: str) -> None:
    assert faults(HEADER, GOOD, again) == [Fault(3, "", FaultCode.DOUBLE_DWELLING, "2")]


def test_one_number_with_two_additions_is_two_dwellings() -> None:
    assert len(read(HEADER, GOOD, GOOD.replace(";a;", ";b;"), GOOD.replace(";a;", ";;"))) == 3


def test_a_lost_quotation_mark_spoils_its_own_line_only() -> None:
    broken = GOOD.replace("Bermweg", '"Bermweg')
    assert faults(HEADER, broken, GOOD, GOOD) == [
        Fault(2, "", FaultCode.BROKEN_LINE, broken[:60]),
        Fault(4, "", FaultCode.DOUBLE_DWELLING, "3"),
    ]


def test_wrong_columns_are_told_before_any_line_is_read() -> None:
    assert faults("straat;huisnummer;huisnummer;naam;postcode;plaats", "x;x;x;Fatima;x;x") == [
        Fault(1, "buurtcode", FaultCode.MISSING_COLUMN, ""),
        Fault(1, "huisnummer", FaultCode.DOUBLE_COLUMN, "huisnummer"),
        Fault(1, "", FaultCode.UNKNOWN_COLUMN, "naam"),
    ]


def test_a_header_with_a_lost_quotation_mark_is_refused() -> None:
    assert faults(f'"{HEADER}', GOOD)[0].code == FaultCode.BROKEN_LINE


def test_a_list_in_windows_1252_is_refused_with_the_lines_that_show_it() -> None:
    lines = [GOOD, GOOD.replace("Bermweg;12", "Caféplein;14"), GOOD.replace("12", "16")]
    content = "\n".join([HEADER, *lines]).encode("cp1252")
    refused = refusal(content)
    assert [(fault.line, fault.code, fault.value[:9]) for fault in refused.faults] == [
        (3, FaultCode.NOT_UTF8, "Caféplein")
    ]


def test_a_wrong_byte_hides_no_fault_of_another_line_nor_of_its_own() -> None:
    lines = [
        GOOD.replace("2907 LA", "2907"),
        GOOD.replace("Bermweg", "Caféplein").replace("2907 LA", "29"),
        GOOD,
        GOOD.replace("a;2907 LA", "é;2907 LA"),
        GOOD.replace("Bermweg", "Caféplein"),
    ]
    refused = refusal("\n".join([HEADER, *lines]).encode("cp1252"))
    assert [(fault.line, fault.column, fault.code) for fault in refused.faults] == [
        (2, "postcode", FaultCode.BAD_POSTCODE),
        (3, "", FaultCode.NOT_UTF8),
        (3, "postcode", FaultCode.BAD_POSTCODE),
        (5, "", FaultCode.NOT_UTF8),
        (6, "", FaultCode.NOT_UTF8),
        (6, "", FaultCode.DOUBLE_DWELLING),
    ]


def test_wrong_bytes_below_a_header_that_is_not_ours_are_told_too() -> None:
    content = "\n".join(["straße;naam", "Bermweg;x", "Caféplein;x"]).encode("cp1252")
    told = {(fault.line, fault.code) for fault in refusal(content).faults}
    assert told >= {(1, FaultCode.NOT_UTF8), (1, FaultCode.MISSING_COLUMN), (3, FaultCode.NOT_UTF8)}
    assert not any(line == 2 for line, _code in told)


def test_a_line_of_both_kinds_of_letters_shows_the_right_ones_right() -> None:
    line = "Señorweg".encode() + b", Caf\xe9"
    (fault,) = refusal(HEADER.encode() + b"\n" + GOOD.encode().replace(b"Bermweg", line)).faults
    assert fault.value.startswith("Señorweg, Café;12")


def test_the_same_list_in_utf8_is_read() -> None:
    assert read(HEADER, GOOD.replace("Bermweg", "Caféplein"))[0].street == "Caféplein"


def test_a_letter_with_a_loose_accent_is_the_letter_with_its_accent() -> None:
    assert read(HEADER, GOOD.replace("Bermweg", "Cafe\u0301plein"))[0].street == "Caféplein"


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\r\n \r\n", b";;;;\n"])
def test_an_empty_file_is_refused(content: bytes) -> None:
    assert refusal(content).faults == [Fault(0, "", FaultCode.EMPTY_FILE, "")]


def test_a_header_without_dwellings_is_refused() -> None:
    assert faults(HEADER, "", ";;;;;;;;") == [Fault(0, "", FaultCode.NO_ROWS, "")]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(random.Random(7).randbytes(MAX_BYTES), id="ten megabytes of noise"),
        pytest.param(f"{HEADER}\n{GOOD}".encode("utf-16"), id="a spreadsheet's Unicode text"),
        pytest.param(f"{HEADER}\n{GOOD}\0".encode(), id="one NUL"),
    ],
)
def test_what_is_no_text_is_refused(content: bytes) -> None:
    assert refusal(content).faults == [Fault(0, "", FaultCode.NOT_TEXT, "")]


def test_ten_megabytes_of_noise_without_a_nul_is_refused() -> None:
    noise = random.Random(7).randbytes(MAX_BYTES).replace(b"\0", b"x")
    below_a_header = f"{HEADER}\n".encode() + noise[: MAX_BYTES // 2]
    for content in (noise, below_a_header):
        refused = refusal(content)
        assert FaultCode.NOT_UTF8 in {fault.code for fault in refused.faults}
        assert refused.total > len(refused.faults) == MAX_FAULTS


def test_a_file_of_more_than_ten_megabytes_is_refused_unread() -> None:
    content = f"{HEADER}\n{GOOD}\n".encode().ljust(MAX_BYTES, b"\n")
    assert parse(content, neighbourhoods=NEIGHBOURHOODS) == [ROW]
    assert refusal(content + b"\n").faults == [Fault(0, "", FaultCode.TOO_LARGE, str(MAX_BYTES + 1))]


def test_a_list_may_have_250_000_dwellings_and_no_more() -> None:
    lines = ["straat,huisnummer,postcode,plaats,buurtcode"]
    lines += [f"Weg,{n % 99_999 + 1},100{n // 99_999}AA,Ede,{NORTH}" for n in range(MAX_ROWS)]
    assert len(read(*lines)) == MAX_ROWS == 250_000
    assert faults(*lines, "and one more") == [Fault(0, "", FaultCode.TOO_MANY_ROWS, str(MAX_ROWS + 1))]


def cells(longest: int) -> st.SearchStrategy[str]:
    """Cells of letters of any script, and of signs that CSV must set in quotation marks."""
    letters = st.characters(codec="utf-8", categories=["L", "N"]) | st.sampled_from(" ;,\"'./")
    written = st.text(letters, min_size=1, max_size=longest)
    return written.map(
        lambda text: " ".join(unicodedata.normalize("NFC", text).split())[:longest].strip()
    ).filter(lambda text: text and text.isprintable() and unicodedata.is_normalized("NFC", text))


@settings(max_examples=100)
@given(
    separator=st.sampled_from(";,"),
    written=st.lists(
        st.tuples(cells(100), st.integers(1, 99_999), cells(60)),
        min_size=1,
        max_size=20,
        unique_by=lambda row: row[1],
    ),
)
def test_what_a_spreadsheet_writes_is_read_back_to_the_letter(
    separator: str, written: list[tuple[str, int, str]]
) -> None:
    file = io.StringIO()
    writer = csv.writer(file, delimiter=separator)
    writer.writerow(["straat", "huisnummer", "plaats", "postcode", "buurtcode"])
    writer.writerows([*row, "2907LA", SOUTH] for row in written)
    rows = parse(file.getvalue().encode(), neighbourhoods=NEIGHBOURHOODS)
    assert [(row.street, row.house_number, row.town) for row in rows] == written


@settings(max_examples=200)
@given(content=st.binary(max_size=300))
def test_whatever_the_bytes_they_are_read_or_refused(content: bytes) -> None:
    for tried in (content, HEADER.encode() + b"\n" + content):
        with contextlib.suppress(ListRefused):
            assert parse(tried, neighbourhoods=NEIGHBOURHOODS)
