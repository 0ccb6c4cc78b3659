"""What is wrong with a list of dwellings, in words for who made the list."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from places.imports import LONGEST, MAX_BYTES, MAX_ROWS, Fault, FaultCode
from web.look.formats import whole


def words(fault: Fault) -> str:
    """What happened and what to do, in one or two sentences. The cell and its column stand beside it."""
    return WORDS[fault.code](fault)


def _too_long(fault: Fault) -> str:
    return _("This is too long. At most %(count)s characters fit.") % {"count": LONGEST[fault.column]}


WORDS: dict[FaultCode, Callable[[Fault], str]] = {
    FaultCode.TOO_LARGE: lambda fault: (
        _("The file is too large. At most %(size)s MB.") % {"size": MAX_BYTES // 1024 // 1024}
    ),
    FaultCode.EMPTY_FILE: lambda fault: _("The file is empty."),
    FaultCode.NOT_TEXT: lambda fault: _("This is not a text file. Save the list as CSV (UTF-8)."),
    FaultCode.NOT_UTF8: lambda fault: _("Letters with accents are damaged. Save the list as CSV (UTF-8)."),
    FaultCode.MISSING_COLUMN: lambda fault: _("This column is missing. Add it to the first line."),
    FaultCode.UNKNOWN_COLUMN: lambda fault: _(
        "We do not know this column. Remove it, also if it holds names of residents."
    ),
    FaultCode.DOUBLE_COLUMN: lambda fault: _("This column is there twice. Remove one."),
    FaultCode.NO_ROWS: lambda fault: _("There are no addresses under the first line."),
    FaultCode.TOO_MANY_ROWS: lambda fault: (
        _("The list has %(rows)s lines. At most %(most)s. Split the list.")
        % {"rows": whole(int(fault.value)), "most": whole(MAX_ROWS)}
    ),
    FaultCode.BROKEN_LINE: lambda fault: _("There is a quotation mark too many or too few on this line."),
    FaultCode.WRONG_CELLS: lambda fault: (
        _("This line has %(count)s cells, which is not as many as the first line.") % {"count": fault.value}
    ),
    FaultCode.FORMULA: lambda fault: _("A value may not begin with =, +, - or @."),
    FaultCode.UNPRINTABLE: lambda fault: _("There is an invisible character here. Type the value again."),
    FaultCode.MISSING_VALUE: lambda fault: _("This is empty. Fill it in."),
    FaultCode.TOO_LONG: _too_long,
    FaultCode.BAD_POSTCODE: lambda fault: _("This is not a postcode. Write it like 1234 AB."),
    FaultCode.BAD_HOUSE_NUMBER: lambda fault: _(
        "This is not a house number. Put letters in the column toevoeging."
    ),
    FaultCode.UNKNOWN_NEIGHBOURHOOD: lambda fault: _(
        "We do not know this neighbourhood code. It looks like BU05020101."
    ),
    FaultCode.BAD_ANSWER: lambda fault: _("Write ja or nee."),
    FaultCode.DOUBLE_DWELLING: lambda fault: (
        _("This address is on line %(line)s already.") % {"line": fault.value}
    ),
}
