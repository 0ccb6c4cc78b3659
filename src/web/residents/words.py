"""What we say when a code does not open, or a cheque cannot be used: what happened, and what to do now."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cheques import codes, opening, operations
from cheques.runs import last_day
from people.models import Organisation
from web.look.formats import NO_BREAK_SPACE, long_date


@dataclass(frozen=True)
class Words:
    """`tone`: info, ok, wait or bad."""

    tone: str
    title: str
    text: str


def of_code(error: Exception, *, now: datetime) -> str:
    """For under the field of the code."""
    if isinstance(error, codes.WrongLength):
        return _of_length(error.length)
    if isinstance(error, codes.Mistyped):
        return _of_group(error.group)
    if isinstance(error, opening.TooManyTries):
        minutes = error.minutes(now)
        return ngettext(
            "Wait %(count)d minute and then try again. The QR code in your letter works right away.",
            "Wait %(count)d minutes and then try again. The QR code in your letter works right away.",
            minutes,
        ) % {"count": minutes}
    if isinstance(error, codes.NotAFragment):
        return _("The QR code was not read well. Scan it again, or type the code that is under it.")
    return _(
        "We do not know this code. Is there perhaps an 8 where you read a B? Please compare it with your letter."
    )


def _of_length(length: int) -> str:
    text = ngettext(
        "You typed %(count)d character. A code has 16: 4 groups of 4.",
        "You typed %(count)d characters. A code has 16: 4 groups of 4.",
        length,
    )
    return text % {"count": length}


def _of_group(group: int | None) -> str:
    return {
        1: _("There is a typing error in the code. Look at the first group above all."),
        2: _("There is a typing error in the code. Look at the second group above all."),
        3: _("There is a typing error in the code. Look at the third group above all."),
        4: _("There is a typing error in the code. Look at the fourth group above all."),
    }.get(group or 0, _("There is a typing error in the code. Compare each group with your letter."))


def of_cheque(error: Exception, *, host: Organisation) -> Words:
    """For a cheque or a purse that cannot be used now."""
    if isinstance(error, operations.Frozen):
        return Words(
            "wait",
            _("This cheque is on hold"),
            _("%(host)s is looking at it first. Your money is still there. Call %(helpline)s or visit them.")
            % {"host": host.name, "helpline": host.helpline.replace(" ", NO_BREAK_SPACE)}
            if host.helpline
            else _("%(host)s is looking at it first. Your money is still there. Call or visit them.")
            % {"host": host.name},
        )
    if isinstance(error, operations.Expired):
        return Words(
            "bad",
            _("This cheque has expired"),
            _("You could activate it until %(day)s. The money went back to %(host)s, for next cheques.")
            % {"day": long_date(last_day(error.on)), "host": host.name},
        )
    if isinstance(error, operations.PurseExpired):
        return Words(
            "bad",
            _("This cheque is no longer valid"),
            _("You could give it until %(day)s. What was left goes back to %(host)s.")
            % {"day": long_date(last_day(error.on)), "host": host.name},
        )
    return Words(
        "bad",
        _("This cheque was withdrawn"),
        _("Perhaps you got a new letter. If not, ask %(host)s.") % {"host": host.name},
    )
