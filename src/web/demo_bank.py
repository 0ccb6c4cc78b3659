"""A page of the demonstration: its bank. One chooses what moved, and gets the statement that says so."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from demo import bank
from demo.neighbourhood import payer
from payments import gateway
from web.demo_pages import demo_only
from web.look.formats import euro


class StatementForm(forms.Form):
    movements = forms.MultipleChoiceField(
        label=gettext_lazy("What happened on the account?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": gettext_lazy("Choose at least one payment."),
            "invalid_choice": gettext_lazy("One of these payments has gone through meanwhile. Choose again."),
        },
    )

    def __init__(self, movements: list[bank.Movement], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["movements"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101  # as declared above
        field.choices = [(movement.key, _words(movement)) for movement in movements]


def _words(movement: bank.Movement) -> str:
    line = movement.line
    words = {
        bank.Why.FUNDING: _("%(name)s pays %(amount)s under the reference that was asked"),
        bank.Why.PAYOUT: _("%(amount)s of the payment file leaves, to %(name)s"),
        bank.Why.LEFTOVER: _("%(name)s sends back the %(amount)s that no approved receipt shows yet"),
        bank.Why.STRIPE: _("%(name)s pays out %(amount)s of donations")
        if line.credit
        else _("%(name)s takes back %(amount)s for refunds"),
    }
    return words[movement.why] % {"name": line.counterparty_name, "amount": euro(line.amount_cents)}


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@demo_only
def statement(request: HttpRequest) -> HttpResponseBase:
    now = timezone.now()
    try:
        form = StatementForm(bank.movements(now), request.POST if request.method == "POST" else None)
        content = bank.statement_of(form.cleaned_data["movements"], now) if form.is_valid() else None
    except (gateway.GatewayDown, gateway.GatewayRefused, payer.NoStandIn):
        return render(request, "web/demo/bank.html", {"is_silent": True}, status=503)
    if content is None:
        status = 422 if form.is_bound else 200
        return render(request, "web/demo/bank.html", {"form": form}, status=status)
    name = f"camt053-{timezone.localtime(now):%Y%m%d-%H%M%S}.xml"
    headers = {"Content-Type": "application/xml", "Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, headers=headers)
