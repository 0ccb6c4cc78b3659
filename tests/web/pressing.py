"""One form that somebody sends many times at the same moment: a double tap, a slow line, two tabs."""

from collections.abc import Callable
from typing import Any

from django.test import Client

from people.models import User
from tests.crowd import at_once, gave
from tests.web.signing_in import signed_in

TIMES = 6


def sent_at_once(user: User, address: str, form: Callable[[], dict[str, Any]]) -> list[int]:
    """What each of the six browsers was answered. `form` fills in one: an upload can be read only once."""
    browsers = [signed_in(Client(headers={"accept-language": "en"}), user) for _ in range(TIMES)]
    answers = at_once(*(lambda browser=browser: browser.post(address, form()) for browser in browsers))
    return [answer.status_code for answer in gave(answers)]
