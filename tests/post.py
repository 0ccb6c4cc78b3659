"""The round of the post: what lies in the outbox is sent."""

from datetime import datetime
from typing import cast as typed

from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from common import outbox


def delivered(*, now: datetime | None = None) -> list[EmailMultiAlternatives]:
    """All mails that were sent in this test, after those that are due were sent too."""
    now = now or timezone.now()
    for mail_id in outbox.due(now=now):
        outbox.deliver(mail_id=mail_id, now=now)
    return typed(list[EmailMultiAlternatives], mail.outbox)
