"""E-mail to people: text and HTML, from a pair of templates with the same name."""

import logging
from collections.abc import Mapping
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

logger = logging.getLogger(__name__)


def send(*, to: str, subject: str, template: str, context: Mapping[str, Any], language: str) -> None:
    """Sends `<template>.txt` and `<template>.html`, rendered in this language.

    A mail that cannot be sent is written in the log and not raised: what it tells about has happened already.
    """
    with translation.override(language):
        text = render_to_string(f"{template}.txt", dict(context))
        html = render_to_string(f"{template}.html", dict(context))
    message = EmailMultiAlternatives(" ".join(subject.split()), text, to=[to])
    message.attach_alternative(html, "text/html")
    try:
        message.send()
    except OSError:  # also what smtplib raises
        logger.exception("mail %s was not sent", template)
