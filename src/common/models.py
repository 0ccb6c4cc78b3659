"""Files that are kept, named by the hash of their content."""

from django.db import models


class StoredFile(models.Model):
    """There is one row for every file that is kept. The content lies in Django's storage under its SHA-256."""

    content_hash = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=150)
    mime_type = models.CharField(max_length=60)
    size = models.PositiveIntegerField()
    stored_at = models.DateTimeField()
    keep_until = models.DateField(null=True)

    @property
    def path(self) -> str:
        return f"{self.content_hash[:2]}/{self.content_hash}"
