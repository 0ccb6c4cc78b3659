"""Users, organisations and what binds them."""

from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from people.colours import colour, dark_enough

lower_case_host = RegexValidator(
    r"^[a-z0-9-]+(\.[a-z0-9-]+)+$", _("Write a host name in small letters, such as buurt.example.nl.")
)


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """There is one row for every person who signs in. Residents who only give have none."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=100, blank=True)
    language = models.CharField(
        max_length=2, default="nl", choices=[("nl", _("Dutch")), ("en", _("English"))]
    )
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    objects = UserManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once_whatever_its_case")]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return str(self)


def display_name(user: User) -> str:
    return str(user)


class OrganisationKind(models.TextChoices):
    CORPORATION = "corporation", _("Housing corporation")
    MUNICIPALITY = "municipality", _("Municipality")
    FOUNDATION = "foundation", _("Foundation")
    BUSINESS = "business", _("Business")


class Organisation(models.Model):
    """There is one row for every legal entity that runs programmes, adds money, or runs the platform.

    A letter with a cheque tells where to ask for help: `helpline` is a telephone number, `desk` where one can walk in
    ("buurthuis De Spil, Tulpstraat 2"). The house colours may change the look of its pages and no more; a stylesheet is
    made of them.
    """

    kind = models.CharField(max_length=20, choices=OrganisationKind)
    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=60, unique=True)
    is_operator = models.BooleanField(default=False)
    registration_number = models.CharField(max_length=20, blank=True)
    host_name = models.CharField(
        max_length=200, null=True, blank=True, unique=True, validators=[lower_case_host]
    )
    # Together three lines of a letter.
    helpline = models.CharField(max_length=24, blank=True)
    desk = models.CharField(max_length=60, blank=True)
    return_address = models.CharField(max_length=120, blank=True)
    brand = models.CharField(max_length=7, default="#5A1E4A", validators=[dark_enough])
    brand_strong = models.CharField(max_length=7, default="#431437", validators=[dark_enough])
    brand_tint = models.CharField(max_length=7, default="#F6EBF2", validators=[colour])
    page = models.CharField(max_length=7, default="#F7F5F8", validators=[colour])
    corners = models.CharField(
        max_length=6, default="round", choices=[("round", _("round")), ("square", _("square"))]
    )
    paving = models.CharField(
        max_length=6, default="bricks", choices=[("bricks", _("bricks")), ("water", _("water"))]
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["is_operator"], condition=Q(is_operator=True), name="operator_is_one"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def can_be_asked(self) -> bool:
        """Whether a letter can say where residents get help."""
        return bool(self.helpline or self.desk)


class Role(models.TextChoices):
    STAFF = "staff", _("Staff")
    BROKER = "broker", _("Broker")
    SPONSOR = "sponsor", _("Sponsor")
    AUDITOR = "auditor", _("Auditor")
    TREASURER = "treasurer", _("Treasurer of the platform")


class MembershipQuerySet(models.QuerySet["Membership"]):
    def current(self, now: datetime) -> "MembershipQuerySet":
        """Those that count at this moment. A treasurer is one of the operator, or is none."""
        return self.filter(Q(until__isnull=True) | Q(until__gt=now), since__lte=now).exclude(
            role=Role.TREASURER, organisation__is_operator=False
        )


class Membership(models.Model):
    """There is one row for every role of a person in an organisation."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "organisation", "role"], name="membership_once_per_role"),
        ]


class TwoPeople(models.Model):
    """What one person makes and another approves. The database refuses the same person for both."""

    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    approved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=~Q(made_by=models.F("approved_by")), name="%(class)s_maker_is_not_approver"
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True, approved_at__isnull=True)
                | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="%(class)s_approval_has_a_time",
            ),
        ]


class AccessLog(models.Model):
    """There is one row for every time somebody looked at books or personal data, or said who is a witness. Only appended to.

    `number` says which one, `about` what else was asked for; words are made of them for who reads the log. Whose it was is
    looked up then: the log outlives what it is about.
    """

    class What(models.TextChoices):
        ACCOUNT = "account"
        AUDIT_FILE = "audit file"
        BALANCE = "balance"
        BALANCE_FILE = "balance file"
        BANK_ACCOUNT = "bank account"
        BANK_LINE = "bank line"
        BANK_STATEMENT = "bank statement"
        CHEQUE = "cheque"
        ENTRIES = "entries"
        ENTRY = "entry"
        ENTRY_RECEIPT = "receipt of entry"
        FOLLOWED = "followed"
        FOLLOWED_FILE = "followed file"
        EXPORT_ASKED = "export asked"
        EXPORT_TAKEN = "export taken"
        JOURNAL_FILE = "journal file"
        LETTERS = "letters"
        LOG = "log"
        PAYMENT_FILE = "payment file"
        RECEIPT = "receipt"
        RECONCILIATION = "reconciliation"
        RECONCILIATION_FILE = "reconciliation file"
        SAMPLE = "sample"
        SAMPLE_FILE = "sample file"
        STATEMENT = "account statement"
        WITNESS_ADDED = "witness added"
        WITNESS_ENDED = "witness ended"
        WORDS = "words"  # rows of before there were codes

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="access_log")
    at = models.DateTimeField()
    what = models.CharField(max_length=20)  # a `What`
    number = models.BigIntegerField(null=True)
    about = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["organisation", "-at"], name="access_by_organisation")]
