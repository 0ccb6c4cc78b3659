"""Background work on mails to people."""

from celery import shared_task
from django.utils import timezone

from web import news


@shared_task
def tell() -> None:
    news.tell(now=timezone.now())


@shared_task
def mail_heads() -> None:
    news.mail_heads(now=timezone.now())


@shared_task
def remind() -> None:
    news.remind(now=timezone.now())
