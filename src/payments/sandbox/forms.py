"""Stripe's form encoding (`line_items[0][quantity]=1`): taken apart, then read field by field."""

import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from payments.sandbox.refusals import Refusal, invalid, missing, unknown

MAX_FIELDS = 1000
MAX_DEPTH = 6
NAME = re.compile(r"(?P<head>[^\[\]]+)(?P<rest>(\[[^\[\]]*\])*)")
# https://docs.stripe.com/api/metadata
METADATA_KEYS, METADATA_KEY_LENGTH, METADATA_VALUE_LENGTH = 50, 40, 500


def parse(encoded: str) -> dict[str, Any]:
    """Nested dicts of strings; a list is a dict with "0", "1", … as keys. Raises `Refusal`."""
    try:
        pairs = parse_qsl(encoded, keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
    except ValueError as error:
        raise Refusal("The parameters could not be read.") from error
    tree: dict[str, Any] = {}
    for name, value in pairs:
        match = NAME.fullmatch(name)
        path = [match["head"], *re.findall(r"\[([^\[\]]*)\]", match["rest"])] if match else []
        if not path or len(path) > MAX_DEPTH:
            raise Refusal(f"Invalid parameter name: {name}", param=name)
        branch = tree
        for step in path[:-1]:
            branch = branch.setdefault(step or str(len(branch)), {})
            if not isinstance(branch, dict):
                raise Refusal(f"Invalid parameter name: {name}", param=name)
        branch[path[-1] or str(len(branch))] = value
    return tree


class Params:
    """Reads the fields of one level and remembers which, so that none is ignored in silence."""

    def __init__(self, fields: dict[str, Any], *, prefix: str = "") -> None:
        self._fields = fields
        self._prefix = prefix
        self._read: set[str] = set()
        self._below: list[Params] = []

    def path(self, name: str) -> str:
        return f"{self._prefix}[{name}]" if self._prefix else name

    def text(self, name: str, *, most: int = 5000) -> str | None:
        """None if the field is absent. Raises `Refusal`."""
        self._read.add(name)
        value = self._fields.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            raise invalid(self.path(name), "must be a string")
        if len(value) > most:
            raise invalid(self.path(name), f"must be at most {most} characters")
        return value

    def needed_text(self, name: str, *, most: int = 5000) -> str:
        value = self.text(name, most=most)
        if not value:
            raise missing(self.path(name))
        return value

    def whole(self, name: str, *, least: int, most: int) -> int | None:
        value = self.text(name)
        if value is None:
            return None
        if not re.fullmatch(r"-?[0-9]{1,15}", value):
            raise invalid(self.path(name), "must be an integer", code="parameter_invalid_integer")
        number = int(value)
        if not least <= number <= most:
            raise invalid(
                self.path(name), f"must be from {least} to {most}", code="parameter_invalid_integer"
            )
        return number

    def needed_whole(self, name: str, *, least: int, most: int) -> int:
        number = self.whole(name, least=least, most=most)
        if number is None:
            raise missing(self.path(name))
        return number

    def choice(self, name: str, options: tuple[str, ...]) -> str | None:
        value = self.text(name)
        if value is not None and value not in options:
            raise invalid(self.path(name), f"must be one of {', '.join(options)}")
        return value

    def url(self, name: str) -> str | None:
        value = self.text(name)
        if value is not None:
            parts = urlsplit(value)
            if parts.scheme not in ("http", "https") or not parts.netloc:
                raise invalid(self.path(name), "not a valid URL", code="url_invalid")
        return value

    def group(self, name: str) -> "Params":
        """The fields under a name; empty if absent."""
        self._read.add(name)
        fields = self._fields.get(name, {})
        if not isinstance(fields, dict):
            raise invalid(self.path(name), "must be a hash")
        below = Params(fields, prefix=self.path(name))
        self._below.append(below)
        return below

    def rows(self, name: str) -> "list[Params]":
        listed = self.group(name)
        return [listed.group(key) for key in sorted(listed._fields, key=_row_number)]

    def texts(self, name: str) -> list[str]:
        listed = self.group(name)
        return [listed.needed_text(key) for key in sorted(listed._fields, key=_row_number)]

    def either(self, name: str) -> "str | Params":
        """A field that is a plain value (`created=1`) or a hash (`created[gte]=1`)."""
        if isinstance(self._fields.get(name), str):
            return self.needed_text(name)
        return self.group(name)

    def metadata(self) -> dict[str, str]:
        fields = self.group("metadata")
        if len(fields._fields) > METADATA_KEYS:
            raise invalid(self.path("metadata"), f"at most {METADATA_KEYS} keys")
        read = {}
        for key in fields._fields:
            if len(key) > METADATA_KEY_LENGTH:
                raise invalid(fields.path(key), f"a key has at most {METADATA_KEY_LENGTH} characters")
            value = fields.text(key, most=METADATA_VALUE_LENGTH)
            if value:  # Stripe: an empty value unsets the key
                read[key] = value
        return read

    def finish(self) -> None:
        """Raises `Refusal` for the first field that nobody asked for, on any level."""
        for name in self._fields:
            if name not in self._read:
                raise unknown(self.path(name))
        for below in self._below:
            below.finish()


def _row_number(key: str) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", key):
        raise Refusal(f"Invalid array: {key}")
    return int(key)
