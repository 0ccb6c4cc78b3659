"""Verbs of people: who takes part, and in which role."""

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.core.validators import validate_email
from django.db import transaction
from django.http.request import validate_host

from people.models import Membership, Organisation, Role, User

# What an organisation may become later. What it is in the books stays: its slug, and whether it is the operator.
CHANGEABLE = (
    "kind",
    "name",
    "registration_number",
    "host_name",
    "helpline",
    "desk",
    "return_address",
    "brand",
    "brand_strong",
    "brand_tint",
    "page",
    "corners",
    "paving",
)


class SecondOperator(Exception):
    """The platform has one operator already: the organisation `slug`."""

    def __init__(self, slug: str) -> None:
        super().__init__(slug)
        self.slug = slug


class NotAnsweredTo(Exception):
    """The site does not answer to `host_name`: it is not among the ALLOWED_HOSTS."""

    def __init__(self, host_name: str) -> None:
        super().__init__(host_name)
        self.host_name = host_name


class NotTheOperator(Exception):
    """A treasurer is one of the operator, and `slug` is another organisation."""

    def __init__(self, slug: str) -> None:
        super().__init__(slug)
        self.slug = slug


@transaction.atomic
def add_organisation(*, organisation: Organisation) -> tuple[Organisation, bool]:
    """The organisation, and whether it is new. One that has this slug already stays as it is.

    Raises ValidationError, SecondOperator, NotAnsweredTo.
    """
    there = Organisation.objects.filter(slug=organisation.slug).first()
    if there is not None:
        return there, False
    operator = Organisation.objects.filter(is_operator=True).first()
    if organisation.is_operator and operator is not None:
        raise SecondOperator(operator.slug)
    _save(organisation)
    return organisation, True


@transaction.atomic
def change_organisation(*, slug: str, to: Mapping[str, str]) -> list[str]:
    """Gives the fields that changed. `to`: field -> value, for fields in CHANGEABLE.

    Raises Organisation.DoesNotExist, ValidationError, NotAnsweredTo.
    """
    organisation = Organisation.objects.select_for_update(no_key=True).get(slug=slug)
    changed = [name for name in CHANGEABLE if name in to and (getattr(organisation, name) or "") != to[name]]
    for name in changed:
        setattr(organisation, name, to[name])
    if changed:
        _save(organisation)
    return changed


def _save(organisation: Organisation) -> None:
    organisation.host_name = organisation.host_name or None
    organisation.full_clean()
    if organisation.host_name and not validate_host(organisation.host_name, settings.ALLOWED_HOSTS):
        raise NotAnsweredTo(organisation.host_name)
    organisation.save()


@transaction.atomic
def add_member(
    *, email: str, name: str, organisation: Organisation, role: Role, now: datetime
) -> tuple[Membership, bool]:
    """The membership, and whether it is new. `name`: of a person who is not known yet; one who is keeps theirs.

    The first code that this person signs in with shows that the address is theirs. Raises ValidationError, NotTheOperator.
    """
    validate_email(email)
    if role is Role.TREASURER and not organisation.is_operator:
        raise NotTheOperator(organisation.slug)
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        user = User.objects.create_user(email=email, name=name)
    return Membership.objects.get_or_create(
        user=user, organisation=organisation, role=role, defaults={"since": now}
    )
