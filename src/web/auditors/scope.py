"""Which funds an auditor may read: those of the own organisation; all of them for an auditor of the operator."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpRequest

from ledger import audit
from ledger import queries as books
from web.access import member

if TYPE_CHECKING:
    from ledger.models import Account, Entry, Fund


@dataclass(frozen=True)
class Scope:
    """`whole`: the operator's legal books, not an extract."""

    funds: Sequence["Fund"]
    whole: bool

    @cached_property
    def fund_ids(self) -> list[int]:
        return [fund.pk for fund in self.funds]

    @cached_property
    def names(self) -> dict[int, str]:
        return {fund.pk: fund.name for fund in self.funds}

    def account(self, account_id: int) -> "Account":
        """Raises Http404 for an account in somebody else's fund."""
        found = books.accounts_of(fund_ids=self.fund_ids).filter(pk=account_id).first()
        if found is None:
            raise Http404
        return found

    def entry(self, entry_id: int) -> "Entry":
        """Raises Http404 for an entry without a transfer in these funds."""
        found = books.entries_of(fund_ids=self.fund_ids).filter(pk=entry_id).first()
        if found is None:
            raise Http404
        return found


def scope(request: HttpRequest) -> Scope:
    here = member(request).organisation
    found = audit.all_funds() if here.is_operator else books.funds_of(organisation_id=here.pk)
    return Scope(list(found), here.is_operator)


def page_number(request: HttpRequest) -> int:
    """The page that the address asks for, from 1; 1 for what is no number."""
    typed: Any = request.GET.get("page", "")
    return max(int(typed), 1) if typed.isdecimal() and len(typed) < 10 else 1
