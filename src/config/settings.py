"""All settings, from the environment. Fails closed.

`DEBUG=1` (written to `.env` by `make setup`) is for one's own machine and for the demo. Without it nothing starts with a
missing or weak secret, an open list of hosts, or the stand-in Stripe.
"""

import os
from pathlib import Path
from typing import Any

import dj_database_url
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from dotenv import load_dotenv
from kombu import Queue

from common import embedded, spool

ROOT = Path(__file__).resolve().parents[2]
load_dotenv(ROOT / ".env")


def required(name: str, *, at_least: int = 1) -> str:
    """The variable's value. Raises ImproperlyConfigured when it is missing or shorter than `at_least` symbols."""
    value = os.environ.get(name, "")
    if len(value) < at_least:
        raise ImproperlyConfigured(f"{name} must be set, with at least {at_least} symbols")
    return value


def flag(name: str) -> bool:
    return os.environ.get(name, "0") == "1"


DEBUG = flag("DEBUG")
SECRET_KEY = required("SECRET_KEY", at_least=50)
# Set into every cheque's hashes. Kept outside the database and its backups: whoever has only one of both can guess no code.
CODE_PEPPER = required("CODE_PEPPER", at_least=32).encode()
SITE_URL = required("SITE_URL").rstrip("/")
ALLOWED_HOSTS = [host for host in required("ALLOWED_HOSTS").split(",") if host]
if not DEBUG and any(host in ("*", ".") for host in ALLOWED_HOSTS):
    raise ImproperlyConfigured("ALLOWED_HOSTS must name the hosts of this site")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("CSRF_TRUSTED_ORIGINS", "").split(",") if origin]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "web",  # before allauth: the sign-in pages have our look
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "common",
    "people",
    "ledger",
    "places",
    "programmes",
    "campaigns",
    "cheques",
    "payments",
    "books",
    "demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "web.looked_at.OnlySent",
]

if DEBUG:
    MIDDLEWARE.append("web.demo_pages.OwnNotFound")

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "web.context.site",
            ],
        },
    },
]

# The database, as three roles: the application posts through the ledger's functions, the owner migrates, the reader reads.
DATABASE_URL = os.environ.get("DATABASE_URL", "") if DEBUG else required("DATABASE_URL")
if DATABASE_URL:
    MIGRATION_DATABASE_URL = os.environ.get("MIGRATION_DATABASE_URL", DATABASE_URL)
    READER_DATABASE_URL = os.environ.get("READER_DATABASE_URL", DATABASE_URL)
else:
    server = embedded.ensure_running(data_dir=ROOT / ".embedded")
    DATABASE_URL = server.url("buurtpot_app")
    MIGRATION_DATABASE_URL = server.url("buurtpot_owner")
    READER_DATABASE_URL = server.url("buurtpot_reader")


def connection(name: str, url: str) -> Any:  # dj_database_url's own type is looser than Django's setting
    parsed = dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True)
    if parsed["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured(
            f"{name}: Buurtpot runs on PostgreSQL only, its money rules live in the database"
        )
    return parsed


DATABASES = {
    "default": connection("DATABASE_URL", DATABASE_URL),
    "owner": connection("MIGRATION_DATABASE_URL", MIGRATION_DATABASE_URL),
    "reader": connection("READER_DATABASE_URL", READER_DATABASE_URL),
}
DATABASE_ROUTERS = ["common.reading.Router"]

# Background work. Without Redis the messages lie in a folder, so that the demo has a real worker.
REDIS_URL = os.environ.get("REDIS_URL", "")
RUN_DIR = Path(os.environ.get("RUN_DIR", ROOT / ".demo"))
# The key that seals the books (Ed25519, PEM). Only the worker that seals needs it; never in the database, nor in its backups.
SEAL_KEY_FILE = Path(os.environ.get("SEAL_KEY_FILE", RUN_DIR / "seal.pem"))
# What that key signed last, on the same machine and out of reach of the database: it stays when the key is rotated.
SEAL_HEAD_FILE = Path(os.environ.get("SEAL_HEAD_FILE", RUN_DIR / "seal.head"))
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
else:
    queue = RUN_DIR / "queue"
    CELERY_BROKER_URL = f"{spool.SCHEME}://localhost"  # without a host kombu warns that it takes localhost
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(queue / "messages"),
        "data_folder_out": str(queue / "messages"),
        "control_folder": str(queue / "control"),
        "polling_interval": 0.02,
    }
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": str(RUN_DIR / "cache"),
        }
    }
# What must be prompt stands behind nothing that takes long: the seals have a queue of their own, and so have long files. A worker
# that is not told which queues it works for takes them all.
CELERY_TASK_QUEUES = [Queue(name, routing_key=name) for name in ("celery", "seals", "files")]
CELERY_TASK_ROUTES = {
    "ledger.tasks.seal": {"queue": "seals"},
    "books.tasks.make_export": {"queue": "files"},
    "cheques.tasks.make_letters": {"queue": "files"},
    "books.tasks.check": {"queue": "files"},
}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "Europe/Amsterdam"
CELERY_BEAT_SCHEDULE_FILENAME = str(RUN_DIR / "beat")
CELERY_BEAT_SCHEDULE = {
    "book what Stripe says, also when its webhook was lost": {"task": "payments.tasks.sweep", "schedule": 60},
    "make letters that were left undone, forget old failures": {
        "task": "cheques.tasks.sweep",
        "schedule": 60,
    },
    "send mail that was left unsent, erase what is in old mail": {
        "task": "common.tasks.sweep",
        "schedule": 60,
    },
    "tell people what happened to their money": {"task": "web.tasks.tell", "schedule": 60},
    "remind people of what waits for them": {
        "task": "web.tasks.remind",
        "schedule": crontab(minute="*/10", hour="8-17", day_of_week="mon-fri"),
    },
    "close campaigns past their deadline": {"task": "books.tasks.close_what_is_due", "schedule": 600},
    # At most a minute late, also when a round waits for a long transaction.
    "seal what was booked": {"task": "ledger.tasks.seal", "schedule": 20, "options": {"expires": 15}},
    "make files that were left undone, take away those of long ago": {
        "task": "books.tasks.sweep_exports",
        "schedule": 60,
    },
    "say so when the books are not sealed": {"task": "books.tasks.watch_seals", "schedule": 300},
    "say so when the totals of days are behind": {"task": "books.tasks.watch_totals", "schedule": 300},
    # Again within the hour, for when the worker was away; each auditor gets one.
    "mail the newest head to auditors": {
        "task": "web.tasks.mail_heads",
        "schedule": crontab(minute="*/20", hour="7"),
    },
    "add up what was booked": {"task": "ledger.tasks.add_up", "schedule": 120, "options": {"expires": 100}},
    "check the books": {"task": "books.tasks.check", "schedule": crontab(minute="30", hour="3")},
    "take back cheques past their last day": {"task": "cheques.tasks.expire", "schedule": 600},
}

# Files are stored by the hash of their content and never served as they came.
MEDIA_ROOT = Path(os.environ.get("MEDIA_ROOT", RUN_DIR / "files"))
STATIC_URL = "/static/"
STATIC_ROOT = ROOT / "build" / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700

# Words and time.
LANGUAGE_CODE = "nl"
LANGUAGES = [("nl", _("Dutch")), ("en", _("English"))]
LOCALE_PATHS = [ROOT / "src" / "web" / "locale"]
USE_TZ = True
TIME_ZONE = "Europe/Amsterdam"

# Who signs in, and how: a code by e-mail or a passkey; staff add a second factor. Nobody has a password.
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "dashed": False, "length": 6}
ACCOUNT_ADAPTER = "web.accounts.Adapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_CHANGE = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_USER_DISPLAY = "people.models.display_name"
ACCOUNT_FORMS = {
    "login": "web.sign_in_forms.LoginForm",
    "signup": "web.sign_in_forms.SignupForm",
    "add_email": "web.sign_in_forms.NewAddressForm",
    "change_email": "web.sign_in_forms.OtherAddressForm",
    "confirm_login_code": "web.sign_in_forms.LoginCodeForm",
    "confirm_email_verification_code": "web.sign_in_forms.AddressCodeForm",
}
MFA_ADAPTER = "web.accounts.SecondStepAdapter"
MFA_FORMS = {
    "authenticate": "web.sign_in_forms.SecondStepForm",
    "reauthenticate": "web.sign_in_forms.SecondStepAgainForm",
    "activate_totp": "web.sign_in_forms.AppForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG
MFA_TOTP_ISSUER = "Buurtpot"
MFA_TOTP_TOLERANCE = 1  # who types slowly has the code before and the one after too
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "mine"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"

# Mail. On one's own machine it lands in a folder, which the mailbox page shows on loopback only.
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "Buurtpot <post@buurtpot.example>")
MAILBOX = RUN_DIR / "mail"
if DEBUG:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = MAILBOX
else:
    EMAIL_HOST = required("EMAIL_HOST")
    EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "587"))
    EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
    EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
    EMAIL_USE_TLS = True
    EMAIL_TIMEOUT = 10

# Stripe. The stand-in speaks the same language on loopback, for one's own machine only.
STRIPE_SECRET_KEY = required("STRIPE_SECRET_KEY")
STRIPE_WEBHOOK_SECRET = required("STRIPE_WEBHOOK_SECRET", at_least=16)
STRIPE_API_BASE = os.environ.get("STRIPE_API_BASE", "https://api.stripe.com")
STRIPE_SANDBOX = STRIPE_API_BASE != "https://api.stripe.com"
if STRIPE_SANDBOX and not DEBUG:
    raise ImproperlyConfigured("STRIPE_API_BASE: the stand-in Stripe runs with DEBUG only")

# The foundation that runs the platform and holds the bank account.
OPERATOR_NAME = required("OPERATOR_NAME")
OPERATOR_IBAN = required("OPERATOR_IBAN", at_least=15)
OPERATOR_TAX_NUMBER = os.environ.get("OPERATOR_TAX_NUMBER", "")

# What a browser may do with our pages.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
        "img-src": [SELF, "data:"],
        # A form that ends at the payment page is redirected there by us.
        "form-action": [SELF, STRIPE_API_BASE if STRIPE_SANDBOX else "https://checkout.stripe.com"],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
if not DEBUG:
    SECURE_SSL_REDIRECT = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "WARNING")},
}
SILENCED_SYSTEM_CHECKS: list[str] = []
