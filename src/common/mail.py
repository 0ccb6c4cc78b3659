"""E-mail to people: text and HTML, from a pair of templates with the same name, laid in the outbox.

Codes to sign in are not sent this way but by allauth, in the request: somebody waits for them, they are worth nothing a quarter
of an hour later, and they must not lie in a table in plain text.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation

from common.models import Mail
from common.tasks import deliver


def send(
    *,
    key: str,
    to: str,
    subject: str,
    template: str,
    context: Mapping[str, Any],
    language: str,
    now: datetime,
) -> None:
    """Writes down `<template>.txt` and `<template>.html`, rendered in this language, to be sent once for each `key`.

    It belongs to the caller's transaction, so that it is sent if, and only if, what it tells about is committed.
    """
    if Mail.objects.filter(key=key).exists():
        return
    with translation.override(language):
        text = render_to_string(f"{template}.txt", dict(context))
        html = render_to_string(f"{template}.html", dict(context))
    mail, made = Mail.objects.get_or_create(
        key=key,
        defaults={
            "address": to,
            "subject": " ".join(subject.split()),
            "text": text,
            "html": html,
            "made_at": now,
            "due_at": now,
        },
    )
    if made:
        # A broker that is down stops nobody: the sweep finds the row. (No partial: a robust one must have a name.)
        transaction.on_commit(lambda: deliver.delay(mail.pk), robust=True)
