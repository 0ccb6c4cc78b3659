"""The auditor's page with files: ask, see it grow, cancel, take it. Only one's own."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from books import exports
from books.models import Export
from common.models import Mail
from people.models import AccessLog, Membership, Role
from tests.web.auditors.conftest import Desk
from web import news

PAGE = "/controle/bestanden/"
YEAR = {"since": "2026-01-01", "until": "2026-12-31", "fund": ""}


@pytest.fixture
def desk(committed_desk: Desk) -> Desk:
    return committed_desk


def text(response: Any) -> str:
    return str(response.content.decode())


def ask(client: Client, kind: str = "csv", **fields: str) -> Any:
    return client.post(PAGE, {"kind": kind, **YEAR, **fields}, follow=True)


def test_without_a_file_the_page_says_what_to_do(mees: Client) -> None:
    assert "U vroeg nog geen bestand aan" in text(mees.get(PAGE))


def test_an_auditor_asks_for_a_file_and_takes_it(mees: Client, worker: None) -> None:
    answer = text(ask(mees))
    export = Export.objects.get()
    assert export.state == Export.State.READY
    assert "Klaar: " in answer
    taken: Any = mees.get(f"{PAGE}{export.pk}/")
    assert taken["Content-Disposition"] == (
        'attachment; filename="dagboek-de-klinker-2026-01-01-2026-12-31.csv"'
    )
    body = b"".join(taken.streaming_content)
    taken.close()
    assert b"cheques issued" in body
    assert b"Karin" in body
    looks = AccessLog.objects.filter(number=export.pk).order_by("pk").values_list("what", flat=True)
    assert list(looks) == [AccessLog.What.EXPORT_ASKED, AccessLog.What.EXPORT_TAKEN]
    log = text(mees.get("/controle/inzage/"))
    assert "Bestand aangevraagd: Dagboek (CSV), Alle fondsen, 01-01-2026" in log
    assert "Bestand gedownload: Dagboek (CSV), Alle fondsen" in log


def test_an_empty_period_is_said_at_the_field(mees: Client) -> None:
    answer = ask(mees, since="2019-01-01", until="2019-12-31")
    assert answer.status_code == 422
    assert "In dit fonds en deze periode is niets geboekt." in text(answer)
    assert not Export.objects.exists()
    answer = ask(mees, since="2026-12-31", until="2026-01-01")
    assert "Kies een latere" in text(answer)


def test_a_fourth_at_once_waits(mees: Client) -> None:
    for _ in range(3):
        ask(mees)
    answer = ask(mees)
    assert answer.status_code == 422
    assert "Er worden al drie bestanden voor u gemaakt." in text(answer)


def test_the_wrong_auditor_finds_nothing(mees: Client, otto: Client, olga: Client, desk: Desk) -> None:
    ask(mees)
    export = Export.objects.get()
    exports.make(export_id=export.pk)
    for other in (otto, olga):
        assert other.get(f"{PAGE}{export.pk}/").status_code == 404
        assert other.post(f"{PAGE}{export.pk}/stoppen/").status_code == 404
        assert "Klaar: " not in text(other.get(PAGE))
    # Nor does a colleague, nor oneself for another organisation.
    Membership.objects.create(
        user=desk.otto, organisation=desk.road.here.klinker, role=Role.AUDITOR, since=timezone.now()
    )
    session = otto.session
    session["organisation"] = desk.road.here.klinker.pk
    session.save()
    assert otto.get(f"{PAGE}{export.pk}/").status_code == 404
    Export.objects.filter(pk=export.pk).update(organisation=desk.noorderwal)
    assert mees.get(f"{PAGE}{export.pk}/").status_code == 404


def test_a_fund_of_somebody_else_cannot_be_asked_for(mees: Client, otto: Client, desk: Desk) -> None:
    answer = ask(otto, fund=str(desk.road.programme.fund_id))
    assert answer.status_code == 422
    assert not Export.objects.exists()


def test_a_file_that_waits_or_grows_can_be_cancelled(mees: Client) -> None:
    ask(mees)
    export = Export.objects.get()
    assert "Wacht op zijn beurt" in text(mees.get(PAGE))
    Export.objects.update(state=Export.State.WORKING, done=export.expected // 2, alive_at=timezone.now())
    part = text(mees.get(f"{PAGE}lijst/"))
    assert "<progress" in part
    assert "data-refresh" in part
    answer = mees.post(f"{PAGE}{export.pk}/stoppen/", follow=True)
    assert "Er blijft niets van bewaard." in text(answer)
    assert "Geannuleerd" in text(answer)
    again = mees.post(f"{PAGE}{export.pk}/stoppen/", follow=True)
    assert "was al klaar of gestopt" in text(again)
    assert "data-refresh" not in text(mees.get(f"{PAGE}lijst/"))
    gone = mees.get(f"{PAGE}{export.pk}/", follow=True)
    assert "Dit bestand is er niet." in text(gone)
    assert not AccessLog.objects.filter(what=AccessLog.What.EXPORT_TAKEN).exists()


def test_a_file_that_the_storage_lost_or_changed_is_not_handed_out(
    mees: Client, worker: None, settings: Any
) -> None:
    ask(mees)
    export = Export.objects.get()
    assert export.file is not None
    path = settings.MEDIA_ROOT / export.file.path
    path.write_bytes(path.read_bytes() + b"more")
    assert mees.get(f"{PAGE}{export.pk}/").status_code == 404
    path.unlink()
    assert mees.get(f"{PAGE}{export.pk}/").status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_files(
    mees: Client, desk: Desk, django_assert_max_num_queries: Any
) -> None:
    ask(mees)
    mees.get(PAGE)
    with django_assert_max_num_queries(12) as one:
        mees.get(PAGE)
    for _ in range(2):
        ask(mees, "xlsx", fund=str(desk.road.programme.fund_id))
    with django_assert_max_num_queries(12) as several:
        mees.get(PAGE)
    assert len(one) == len(several)


def test_the_balance_page_leads_to_the_files_of_the_same_period(mees: Client) -> None:
    page = text(mees.get("/controle/", {"since": "2026-03-01", "until": "2026-04-01"}))
    assert "/controle/bestanden/?since=2026-03-01&amp;until=2026-04-01" in page
    form = text(mees.get(PAGE, {"since": "2026-03-01", "until": "2026-04-01"}))
    assert 'value="2026-03-01"' in form


def test_who_waited_long_gets_one_mail_and_who_did_not_gets_none(mees: Client, desk: Desk) -> None:
    for kind in ("csv", "xlsx"):
        ask(mees, kind)
    for export in Export.objects.all():
        exports.make(export_id=export.pk)
    slow = Export.objects.get(kind="xlsx")
    Export.objects.filter(pk=slow.pk).update(asked_at=timezone.now() - timedelta(minutes=2))
    for _ in range(2):
        news.tell(now=timezone.now())
    mail = Mail.objects.get(key__startswith="export-ready:")
    assert (mail.key, mail.address) == (f"export-ready:{slow.pk}", desk.mees.email)
    assert mail.subject == "Uw bestand is klaar: Dagboek (Excel)"
    assert "/controle/bestanden/" in mail.text
