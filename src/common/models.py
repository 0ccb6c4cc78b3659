"""Files that are kept, named by the hash of their content; mails to people."""

from datetime import datetime

from django.db import models
from django.db.models import Q


class StoredFile(models.Model):
    """There is one row for every file that is kept. The content lies in Django's storage under its SHA-256."""

    content_hash = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=150)
    mime_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    stored_at = models.DateTimeField()
    keep_until = models.DateField(null=True)

    @property
    def path(self) -> str:
        return f"{self.content_hash[:2]}/{self.content_hash}"


class MailQuerySet(models.QuerySet["Mail"]):
    def due(self, now: datetime) -> "MailQuerySet":
        return self.filter(sent_at__isnull=True, given_up_at__isnull=True, due_at__lte=now)


class Mail(models.Model):
    """There is one row for every mail that is or was to be sent. `key` says what it tells to whom, so that it is told once.

    `due_at`: not to be tried before then. Address and content are erased after a while; the rest stays.
    """

    key = models.CharField(max_length=120, unique=True)
    address = models.EmailField(blank=True)
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"],
                name="mail_to_send",
                condition=Q(sent_at__isnull=True, given_up_at__isnull=True),
            ),
            models.Index(fields=["made_at"], name="mail_with_content", condition=~Q(address="")),
        ]
