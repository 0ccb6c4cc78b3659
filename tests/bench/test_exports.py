"""The measurement of the files in small: what it fills is sound, and all of it still runs."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.bench import exports
from tests.bench.server import Host, host
from tests.bench.talk import ROOT


@pytest.fixture(scope="module")
def server() -> Iterator[Host]:
    with host() as started:
        yield started


def test_every_file_is_measured_and_judged(server: Host) -> None:
    found = {line["name"]: line for line in exports.lines(server, transfers=4_000)}
    assert {name.split("_")[1] for name in found} == set(exports.FILES)
    for kind in exports.FILES:
        assert found[f"export_{kind}_memory"]["value"] > 10
    judged = (
        "export_jsonl_unsound",
        "export_xaf_findings",
        "export_xaf_difference",
        "export_beancount_errors",
    )
    assert [found[name]["value"] for name in judged] == [0, 0, 0, 0]
    assert found["export_jsonl_verified"]["value"] > 0
    assert all(line["ok"] for line in found.values())


def test_the_filled_books_are_found_in_order(server: Host) -> None:
    server.create("filled_for_files")
    server.migrate("filled_for_files")
    exports.fill(server, "filled_for_files", 4_000)
    program = (
        "import django; django.setup()\n"
        "from ledger import checks\n"
        "print([one.name for one in checks.all_checks() if not one.ok])"
    )
    env = server.environment("filled_for_files") | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run(
        [sys.executable, "-c", program], env=env, stdout=subprocess.PIPE, check=True, cwd=ROOT
    )
    assert done.stdout == b"[]\n"
