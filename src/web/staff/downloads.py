"""Kept files that staff may see. Never served as they came, never kept by a browser."""

from django.http import Http404, HttpResponse

from common import files
from common.models import StoredFile

# What a browser may show by itself: a picture that was drawn anew when it came in.
SHOWN = "image/jpeg"


def download(file: StoredFile, *, name: str) -> HttpResponse:
    """The file to be saved under this name. Raises Http404 where the storage lost it or it has changed."""
    response = _answer(file, content_type=file.mime_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def show(file: StoredFile, *, name: str) -> HttpResponse:
    """A picture as a picture, anything else (an invoice as PDF) to be saved. Raises Http404."""
    if file.mime_type != SHOWN:
        return download(file, name=name)
    return _answer(file, content_type=SHOWN)


def _answer(file: StoredFile, *, content_type: str) -> HttpResponse:
    try:
        content = files.read(file)
    except (FileNotFoundError, ValueError) as error:
        raise Http404 from error
    response = HttpResponse(content, content_type=content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response
