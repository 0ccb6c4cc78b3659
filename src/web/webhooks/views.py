"""Webhooks: verify, write down, answer. What follows from them is done by a task."""

from functools import partial

from django.core.exceptions import RequestDataTooBig
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from payments import gateway, inbox
from payments.tasks import process_event


@csrf_exempt
@require_POST
def stripe(request: HttpRequest) -> HttpResponse:
    """200 for what is written down (again), 400 for a wrong or old signature, 413 for a body that is too long."""
    if int(request.headers.get("Content-Length") or 0) > inbox.MAX_BODY_BYTES:
        return HttpResponse(status=413)
    try:
        with transaction.atomic():
            event, created = inbox.receive(
                body=request.body, signature=request.headers.get("Stripe-Signature", ""), now=timezone.now()
            )
            if created:
                transaction.on_commit(partial(process_event.delay, event.pk))
    except gateway.BadSignature:
        return HttpResponse(status=400)
    except RequestDataTooBig:
        return HttpResponse(status=413)
    return HttpResponse(status=200)
