"""Kept files for who may see them. Never served as they came; without the file, or with another in its place, a page says so."""

import logging

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from common import files
from common.models import StoredFile

logger = logging.getLogger(__name__)

# What a browser may show by itself: a picture that was drawn anew when it came in.
SHOWN = "image/jpeg"
# What we make ourselves. All else is bytes to a browser.
NAMED = {"application/pdf", "application/xml"}


def show(request: HttpRequest, file: StoredFile, *, name: str, cache: str = "no-store") -> HttpResponse:
    """A picture as a picture, anything else (an invoice as PDF) to be saved. `cache`: who may keep it, and how long."""
    if file.mime_type != SHOWN:
        return download(request, file, name=name)
    return _answer(request, file, {"Content-Type": SHOWN, "Cache-Control": cache})


def download(request: HttpRequest, file: StoredFile, *, name: str) -> HttpResponse:
    """The file to be saved under this name."""
    return _answer(
        request,
        file,
        {
            "Content-Type": file.mime_type if file.mime_type in NAMED else "application/octet-stream",
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )


def download_large(request: HttpRequest, file: StoredFile, *, name: str) -> HttpResponseBase:
    """The same for what is too large for memory."""
    try:
        content = files.opened(file)
    except FileNotFoundError:
        return _lost(request, file)
    except ValueError:
        return _changed(request, file)
    answer = FileResponse(content, as_attachment=True, filename=name, content_type=file.mime_type)
    answer["Cache-Control"] = "no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _lost(request: HttpRequest, file: StoredFile) -> HttpResponse:
    logger.error("stored file %s is lost", file.pk)
    return render(request, "web/no_file.html", {"changed": False}, status=404)


def _changed(request: HttpRequest, file: StoredFile) -> HttpResponse:
    logger.error("stored file %s has changed", file.pk)
    return render(request, "web/no_file.html", {"changed": True}, status=404)


def _answer(request: HttpRequest, file: StoredFile, headers: dict[str, str]) -> HttpResponse:
    try:
        content = files.read(file)
    except FileNotFoundError:
        return _lost(request, file)
    except ValueError:
        return _changed(request, file)
    return HttpResponse(content, headers=headers | {"X-Content-Type-Options": "nosniff"})
