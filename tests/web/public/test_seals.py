"""The pages of seals: what anyone sees and downloads, and what a script reads."""

import json
import re
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.test import Client
from django.urls import reverse
from lxml import etree
from pytest_django import DjangoAssertNumQueries

from ledger import heads, seals
from ledger.models import Seal
from tests.cast import NOW
from tests.ledger.sealing import KEY, OTHER_KEY, public, seal
from tests.ledger.small_books import SmallBooks, book, small_books

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def small(own_database: str) -> SmallBooks:
    """Committed, since seals look at what others see."""
    small = small_books()
    book("arrived", (small.bank, small.budget, 10_000))
    book("given", (small.bank, small.pot, 500))
    return small


def sealed(small: SmallBooks, times: int) -> None:
    for number in range(times):
        book(f"entry {number}", (small.bank, small.budget, 1))
        seal()


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_before_anything_is_sealed_the_page_says_so_and_scripts_find_nothing(
    client: Client, small: SmallBooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    assert "Nothing is sealed yet" in page(client, "/zegels/")
    assert client.get("/zegels/nieuwste.json").status_code == 404
    assert client.get("/zegels/1/").status_code == 404
    assert client.get("/zegels/atom.xml").status_code == 200


def test_the_newest_head_stands_on_the_page_with_when_how_many_and_whose_key(
    client: Client, small: SmallBooks
) -> None:
    seal()
    shown = page(client, "/zegels/")
    assert bytes(Seal.objects.get().head).hex() in shown
    assert "23 November 2026, 14:00" in shown
    assert "Stichting Buurtpot" in shown
    assert public(KEY) in shown
    assert "Everything that was booked has a seal." in shown
    assert "Nobody is a witness yet." in shown


def test_what_has_no_seal_yet_is_counted_and_too_long_is_said_so(client: Client, small: SmallBooks) -> None:
    seal()
    book("later", (small.bank, small.budget, 1))
    assert "1 booking has no seal yet, since 14:00. It gets one within a minute." in page(client, "/zegels/")
    backlog = heads.backlog()
    assert not backlog.is_late(NOW + heads.LATE_AFTER)
    assert backlog.is_late(NOW + heads.LATE_AFTER * 2)


def test_books_whose_seals_are_all_gone_are_not_called_new(
    client: Client, small: SmallBooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bookings are of 2026-11-23: whoever threw the seals away does not get the page of a site that begins."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + heads.LATE_AFTER * 2)
    shown = page(client, "/zegels/")
    assert "2 bookings have no seal yet" in shown
    assert "Nothing is sealed yet" not in shown


def test_the_command_has_every_key_that_sealed(client: Client, small: SmallBooks) -> None:
    """A proof may hold seals of an older key only."""
    seal()
    seals.rotate(old=KEY, new=OTHER_KEY, holder="Stichting Buurtpot", now=NOW)
    shown = client.get("/zegels/").content.decode()
    command = re.sub(r"<[^>]*>", "", shown[shown.index("python verify_books.py") :].split("</code>")[0])
    # The newest head is in no file that was made before it: the place is for one that somebody kept.
    assert command == (
        f"python verify_books.py journal.jsonl --key {public(OTHER_KEY)} --key {public(KEY)}"
        " --expect-head CODE_THAT_YOU_KEPT"
    )


def test_a_seal_has_a_page_with_its_line_as_it_was_signed(client: Client, small: SmallBooks) -> None:
    sealed(small, 2)
    shown = client.get("/zegels/2/").content.decode().replace("&quot;", '"')
    assert seals.line_of(2) in shown
    assert 'href="/zegels/1/"' in shown
    assert 'href="/zegels/3/"' not in shown
    line = client.get("/zegels/2.txt").content
    signature = Seal.objects.get(number=2).signatures.get().signature
    KEY.public_key().verify(bytes(signature), line)
    assert bytes(signature).hex() in shown


@pytest.mark.parametrize("address", ["/zegels/2.json", "/zegels/nieuwste.json"])
def test_a_script_checks_a_seal_with_what_it_reads(client: Client, small: SmallBooks, address: str) -> None:
    sealed(small, 2)
    read = client.get(address).json()
    assert read["head"] == sha256(read["line"].encode()).hexdigest()
    assert json.loads(read["line"])["seal"] == read["seal"] == 2
    (one,) = read["signatures"]
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(one["by"])).verify(
        bytes.fromhex(one["signature"]), read["line"].encode()
    )
    assert (one["holder"], one["witness"]) == ("Stichting Buurtpot", False)


def test_the_chain_after_a_seal_can_be_followed(client: Client, small: SmallBooks) -> None:
    sealed(small, 3)
    lines = client.get("/zegels/1/daarna.json").json()["lines"]
    before = client.get("/zegels/1.json").json()["head"]
    assert len(lines) == 2
    for line in lines:
        assert json.loads(line)["previous"] == before
        before = sha256(line.encode()).hexdigest()
    assert before == heads.latest_head()
    assert client.get("/zegels/3/daarna.json").json() == {"lines": []}


@pytest.mark.parametrize("number", ["0", "3", "9" * 30])
def test_a_seal_that_is_not_there_is_not_found(client: Client, small: SmallBooks, number: str) -> None:
    seal()
    for end in ("/", ".json", ".txt"):
        assert client.get(f"/zegels/{number}{end}").status_code == 404
    assert client.get(f"/zegels/{number}/daarna.json").status_code == 200


def test_seals_are_found_by_number_and_by_head(client: Client, small: SmallBooks) -> None:
    sealed(small, 3)
    head = bytes(Seal.objects.get(number=2).head).hex()
    for asked in ("2", head, head[:6], head[:7].upper(), f" {head[:4]} {head[4:9]} "):
        assert [one.number for one in heads.sought(asked)] == [2]
    for asked in ("", head[:5], "99", "abcxyz", "²", head + "0", "9" * 40, "\0"):
        assert heads.sought(asked) == []
    assert "No seal fits" in page(client, "/zegels/?q=zzz")
    assert f"{head[:12]}…" in page(client, f"/zegels/?q={head[:8]}")


def test_many_seals_are_paged_and_cost_the_same_without_their_leaves(
    client: Client,
    small: SmallBooks,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    monkeypatch.setattr(seals, "MOST_ENTRIES", 1)
    seal()
    with django_assert_num_queries(8) as few:
        page(client, "/zegels/")
    for number in range(30):
        book(f"entry {number}", (small.bank, small.budget, 1))
    seal()
    with django_assert_num_queries(8) as many:
        assert "Page 1 of 2" in page(client, "/zegels/")
    assert 'href="/zegels/1/"' in page(client, "/zegels/?page=2")
    with django_assert_num_queries(5) as one:
        page(client, "/zegels/3/")
    for captured in (few, many, one):
        assert not [query for query in captured.captured_queries if "leaves" in query["sql"]]


def test_the_verifier_and_the_canonical_form_are_downloaded_as_they_are(client: Client, db: None) -> None:
    for name, path in (
        ("verify_books.py", "verify_books.py"),
        ("canonical-form.md", "docs/canonical-form.md"),
        ("auditor.md", "docs/auditor.md"),
    ):
        answer = client.get(reverse("seal_file", args=[name]))
        assert answer.content == (Path(settings.ROOT) / path).read_bytes()
        assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    for other in ("manage.py", "..", "README.md"):
        assert client.get(f"/zegels/bestand/{other}").status_code == 404


def test_the_feed_has_the_newest_heads(client: Client, small: SmallBooks) -> None:
    sealed(small, 2)
    answer = client.get("/zegels/atom.xml")
    assert answer["Content-Type"].startswith("application/atom+xml")
    entries = etree.fromstring(answer.content).findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}summary") for entry in entries] == [
        bytes(one.head).hex() for one in Seal.objects.order_by("-number")
    ]


def test_a_key_of_before_stays_on_the_page(client: Client, small: SmallBooks) -> None:
    seal()
    seals.rotate(old=KEY, new=OTHER_KEY, holder="Stichting Buurtpot", now=NOW)
    shown = page(client, "/zegels/")
    assert shown.index(public(OTHER_KEY)) < shown.rindex(public(KEY))
    assert "From 23 November 2026 until 23 November 2026" in shown


def test_every_page_leads_to_the_seals(client: Client, db: None) -> None:
    assert 'href="/zegels/"' in page(client, "/")
