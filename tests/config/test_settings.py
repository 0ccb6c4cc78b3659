"""The settings fail closed: each test starts a process of its own, with an environment of its own."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from config import settings as settings_module

SOURCE = Path(settings_module.__file__).resolve().parents[1]
DEPLOY = SOURCE.parent / "deploy"

# Every variable by name, also those left empty: what is not here may come out of a developer's .env.
PRODUCTION = {
    "DEBUG": "0",
    "SECRET_KEY": "c2FsdC1hbmQtcGVwcGVyLWJ1dC1ub3Qtb2YtYW55LXJlYWwtc2l0ZS1hdC1hbGw",
    "CODE_PEPPER": "cGVwcGVyLW9mLW5vLXJlYWwtY2hlcXVl",
    "SITE_URL": "https://buurtpot.example",
    "ALLOWED_HOSTS": "buurtpot.example",
    "CSRF_TRUSTED_ORIGINS": "",
    "DATABASE_URL": settings.DATABASE_URL,
    "MIGRATION_DATABASE_URL": settings.MIGRATION_DATABASE_URL,
    "READER_DATABASE_URL": settings.READER_DATABASE_URL,
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "EMAIL_HOST": "mail.buurtpot.example",
    "STRIPE_SECRET_KEY": "sk_live_of_no_account",
    "STRIPE_WEBHOOK_SECRET": "whsec_of_no_account",
    "STRIPE_API_BASE": "https://api.stripe.com",
    "OPERATOR_NAME": "Stichting Buurtpot",
    "OPERATOR_IBAN": "NL55ABNA0417164300",
}
STAND_IN = "http://127.0.0.1:8010"


def run(*arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=SOURCE,
        env=PRODUCTION | changes,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def start(**changes: str) -> subprocess.CompletedProcess[str]:
    return run("-c", "import config.settings", **changes)


def test_a_site_with_everything_in_order_starts() -> None:
    assert start().stderr == ""


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SECRET_KEY", ""),
        ("SECRET_KEY", PRODUCTION["SECRET_KEY"][:49]),
        ("CODE_PEPPER", ""),
        ("CODE_PEPPER", PRODUCTION["CODE_PEPPER"][:31]),
        ("SITE_URL", ""),
        ("ALLOWED_HOSTS", ""),
        ("ALLOWED_HOSTS", "*"),
        ("ALLOWED_HOSTS", "buurtpot.example,*"),
        ("ALLOWED_HOSTS", "."),
        ("DATABASE_URL", "sqlite:///buurtpot.sqlite3"),
        ("EMAIL_HOST", ""),
        ("STRIPE_SECRET_KEY", ""),
        ("STRIPE_WEBHOOK_SECRET", "whsec_short"),
        ("STRIPE_API_BASE", STAND_IN),
        ("OPERATOR_NAME", ""),
        ("OPERATOR_IBAN", "NL55ABNA"),
    ],
)
def test_a_site_does_not_start_with_a_setting_that_is_missing_or_weak_and_says_which(
    variable: str, value: str
) -> None:
    refused = start(**{variable: value})
    assert refused.returncode != 0
    last_line = refused.stderr.strip().splitlines()[-1]
    assert "ImproperlyConfigured" in last_line
    assert variable in last_line


@pytest.mark.parametrize(("variable", "value"), [("ALLOWED_HOSTS", "*"), ("STRIPE_API_BASE", STAND_IN)])
def test_on_ones_own_machine_any_host_and_the_stand_in_stripe_are_welcome(variable: str, value: str) -> None:
    assert start(DEBUG="1", **{variable: value}).stderr == ""


def test_without_redis_messages_lie_in_a_folder_and_nobody_is_warned_about_it() -> None:
    link = "from config.celery import app; import django; django.setup(); print(app.connection().info())"
    asked = run("-c", link, REDIS_URL="")
    assert "'transport': 'spool'" in asked.stdout
    assert asked.stderr == ""


@pytest.mark.parametrize("debug", ["true", "True", "yes", " 1"])
def test_debug_is_on_with_1_and_with_nothing_else(debug: str) -> None:
    assert "STRIPE_API_BASE" in start(DEBUG=debug, STRIPE_API_BASE=STAND_IN).stderr


def test_django_has_no_remark_about_a_site_with_everything_in_order() -> None:
    checked = run("manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert (checked.returncode, checked.stderr) == (0, "")


def test_django_does_remark_on_a_site_that_shows_its_inside() -> None:
    checked = run("manage.py", "check", "--deploy", "--fail-level", "WARNING", DEBUG="1")
    assert checked.returncode == 1
    assert "security.W018" in checked.stderr


def names(pattern: str, file: Path) -> set[str]:
    return set(re.findall(pattern, file.read_text(), re.MULTILINE))


READ = r'(?:required|flag|environ\.get)\(\s*"([A-Z_]+)"'


def test_the_example_for_a_real_site_tells_of_every_setting() -> None:
    read = names(READ, SOURCE / "config" / "settings.py")
    assert read >= PRODUCTION.keys()
    assert read <= names(r"^(?:# )?([A-Z_]+)=", DEPLOY / "env.example")


def test_the_services_are_given_every_setting_of_the_example() -> None:
    given = names(r"^ +([A-Z_]+): ", DEPLOY / "compose.yaml")
    assert given >= names(r"^([A-Z_]+)=", DEPLOY / "env.example")


def test_the_image_is_built_with_all_that_the_settings_insist_on() -> None:
    required = names(r'required\(\s*"([A-Z_]+)"', SOURCE / "config" / "settings.py")
    assert names(r"\b([A-Z_]+)=", DEPLOY / "Dockerfile") >= required | {"DATABASE_URL"}
