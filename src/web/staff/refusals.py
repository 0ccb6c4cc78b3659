"""Why a bank statement is not taken in, in words for the treasurer: what happened, a line break, what to do now."""

from django.utils.translation import gettext as _

from payments.bank import camt053
from payments.bank.camt053 import MAX_BYTES, StatementRefused
from payments.statements import ChangedSince, DoesNotConnect, OtherAccount
from web.look.formats import NO_BREAK_SPACE, euro


def words(refused: StatementRefused) -> str:
    """Every kind of refusal has its own; nothing of a refused file was booked."""
    if isinstance(refused, camt053.NotAStatement):
        return _not_a_statement(refused)
    if isinstance(refused, OtherAccount | DoesNotConnect | ChangedSince):
        return _not_this_one(refused)
    return _inside(refused)


def _not_a_statement(refused: camt053.NotAStatement) -> str:
    download = _("Download the statement again at your bank as camt.053 (XML).")
    what = {
        "too_large": _("This file is larger than %(size)s MB.") % {"size": MAX_BYTES // 1024 // 1024},
        "empty": _("This file is empty."),
        "zip": _("This is a zip file."),
        "not_xml": _("This is not an XML file."),
        "cut_off": _("This file stops half way: the download was cut off."),
        "doctype": _(
            "This file has definitions of its own (DOCTYPE). A bank does not send that, so we do not open it."
        ),
        "other_root": _("This XML file is something else: %(found)s.") % {"found": refused.found[:120]},
        "no_statement": _("There is no statement in this file."),
    }[refused.reason_code]
    now = {
        "zip": _("Unzip it first. Then take in the XML files one by one."),
        "too_large": _("Download a shorter period at your bank."),
    }
    return f"{what}\n{now.get(refused.reason_code, download)}"


def _not_this_one(refused: OtherAccount | DoesNotConnect | ChangedSince) -> str:
    if isinstance(refused, OtherAccount):
        return _("This statement is of another account: %(found)s.\nWe expect a statement of %(ours)s.") % {
            "found": in_fours(refused.found),
            "ours": in_fours(refused.ours),
        }
    if isinstance(refused, DoesNotConnect):
        return _(
            "This statement does not connect: it begins with %(found)s, and the one before ended with %(expected)s.\n"
            "A statement in between is missing. Take in that one first, oldest first."
        ) % {"found": euro(refused.found_cents), "expected": euro(refused.expected_cents)}
    return _(
        "Statement %(name)s was taken in before and said something else then.\n"
        "Ask your bank which of the two is right. Nothing has changed in the books."
    ) % {"name": refused.identification}


def in_fours(iban: str) -> str:
    return NO_BREAK_SPACE.join(iban[at : at + 4] for at in range(0, len(iban), 4))


def _inside(refused: StatementRefused) -> str:
    return f"{_fault(refused)}\n" + _(
        "Nothing was booked. Ask your bank for a new file, or send this text to your supplier."
    )


def _fault(refused: StatementRefused) -> str:
    if isinstance(refused, camt053.DoesNotAddUp):
        return _(
            "Statement %(name)s does not add up: %(opening)s and the lines of %(lines)s do not make %(closing)s."
        ) % {
            "name": refused.identification,
            "opening": euro(refused.opening_cents),
            "lines": euro(refused.lines_cents),
            "closing": euro(refused.closing_cents),
        }
    if isinstance(refused, camt053.EntryDoesNotAddUp):
        return _("Line %(line)s is %(entry)s, but its parts are %(details)s together.") % {
            "line": refused.line,
            "entry": euro(refused.entry_cents),
            "details": euro(refused.details_cents),
        }
    if isinstance(refused, camt053.BalanceMissing):
        missing = _("opening balance") if refused.balance == "opening" else _("closing balance")
        return _("Statement %(name)s has no %(balance)s.") % {
            "name": refused.identification,
            "balance": missing,
        }
    return _fault_in_field(refused)


def _fault_in_field(refused: StatementRefused) -> str:
    if isinstance(refused, camt053.BadAmount):
        return _("Line %(line)s has an amount that we cannot read: %(text)s.") % {
            "line": refused.line,
            "text": refused.text[:60],
        }
    if isinstance(refused, camt053.OtherCurrency):
        return _("Line %(line)s is not in euro but in %(currency)s.") % {
            "line": refused.line,
            "currency": refused.currency[:10],
        }
    if isinstance(refused, camt053.FieldMissing):
        return _("Line %(line)s lacks %(field)s.") % {"line": refused.line, "field": refused.field}
    if isinstance(refused, camt053.BadField):
        return _("Line %(line)s has in %(field)s something that cannot be: %(text)s.") % {
            "line": refused.line,
            "field": refused.field,
            "text": refused.text[:60],
        }
    return _("This statement cannot be read.")
