"""Where real input lies: beside the project, never in it. What is missing skips its test."""

from pathlib import Path

import pytest
from lxml import etree

DATA = Path(__file__).parents[3].parent / "shared" / "data"


def read(path: str) -> bytes:
    """The file under `shared/data`, or a skip."""
    file = DATA / path
    if not file.exists():
        pytest.skip(f"{path} is not beside this project")
    return file.read_bytes()


def schema(name: str) -> etree.XMLSchema:
    """The XSD of an ISO 20022 message, or a skip."""
    return etree.XMLSchema(etree.fromstring(read(f"xsd/{name}.xsd")))
