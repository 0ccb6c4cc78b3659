"""The outbox: mails that lie as rows until they are sent, by the worker, as often as it takes.

A mail goes out **at least once**: a worker that dies between sending it and writing so down leaves it to be sent again, with the
same Message-ID. It is never sent by two at a time: whoever claims a mail holds it for longer than a try takes.
"""

import logging
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import QuerySet

from common.models import Mail

logger = logging.getLogger(__name__)

FIRST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(hours=6)
GIVE_UP_AFTER = timedelta(days=5)  # RFC 5321, 4.5.4.1: four to five days at least
STUCK_AFTER = timedelta(hours=1)
CONTENT_KEPT = timedelta(days=30)
AT_ONCE = 500


def deliver(*, mail_id: int, now: datetime) -> None:
    """Sends a mail that is due. Nothing for one that was sent, given up, is held by another or has to wait.

    What goes wrong is written on the mail, not raised: it tells about something that has happened already.
    """
    mail = _claim(mail_id, now)
    if mail is None:
        return
    message = EmailMultiAlternatives(
        mail.subject,
        mail.text,
        to=[mail.address],
        headers={"Message-ID": f"<mail-{mail.pk}@{urlsplit(settings.SITE_URL).hostname}>"},
    )
    message.attach_alternative(mail.html, "text/html")
    try:
        message.send()
    except (
        OSError,
        ValueError,
    ) as error:  # of smtplib too, and of an address or a text that cannot be written down
        _note_failure(mail, error, now)
    else:
        Mail.objects.filter(pk=mail.pk).update(sent_at=now, error="")


@transaction.atomic
def _claim(mail_id: int, now: datetime) -> Mail | None:
    """The mail, due again only after a wait: its own from now on, also when whoever claimed it dies."""
    mail = Mail.objects.select_for_update(skip_locked=True).due(now).filter(pk=mail_id).first()
    if mail is not None:
        mail.due_at = now + _wait(mail.tries)
        mail.tries += 1
        mail.save(update_fields=["due_at", "tries"])
    return mail


def _wait(tries: int) -> timedelta:
    return min(FIRST_WAIT * (1 << min(tries, 10)), LONGEST_WAIT)


def _note_failure(mail: Mail, error: Exception, now: datetime) -> None:
    # The error may name the address, so it stands on the row and is erased with it; the log tells its kind.
    mail.error = repr(error)[:300]
    kind = type(error).__name__
    if now - mail.made_at >= GIVE_UP_AFTER:
        mail.given_up_at = now
        logger.error("mail %s is given up after %s tries: %s", mail.key, mail.tries, kind)
    else:
        logger.warning("mail %s was not sent and waits until %s: %s", mail.key, mail.due_at, kind)
    mail.save(update_fields=["error", "given_up_at"])


def due(*, now: datetime) -> list[int]:
    """The ids of mails to send now, those that wait longest first."""
    return list(Mail.objects.due(now).order_by("due_at").values_list("pk", flat=True)[:AT_ONCE])


def stuck(*, now: datetime) -> QuerySet[Mail]:
    """Mails that should have been sent long ago, given up or not, oldest first."""
    late = Mail.objects.filter(sent_at__isnull=True, made_at__lte=now - STUCK_AFTER)
    return late.exclude(address="").order_by("made_at")


def erase(*, now: datetime) -> int:
    """Takes address and content off mails of long ago. Their keys stay, so that none is made again. Gives how many."""
    old = Mail.objects.filter(made_at__lte=now - CONTENT_KEPT).exclude(address="")
    done = old.exclude(sent_at__isnull=True, given_up_at__isnull=True)
    return done.update(address="", subject="", text="", html="", error="")
