"""Settings: everything that differs between installations comes from the environment.

Each variable is described in docs/reference/settings.md; a test fails when one is missing there.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from luotain.listen.network import read_networks
from luotain.server.home import prepare
from luotain.server.logs import configure

# Before numpy is loaded: where several threads reckon at once, the threads that OpenBLAS starts of its own hang or
# break the process (systems of 60 equations, 60 requests at once: the worker died). The pages' systems are small.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

HOME = prepare()
PACKAGE = Path(__file__).parent


def flag(name: str, default: bool = False) -> bool:
    """Read a yes/no variable of the environment."""
    return os.environ.get(name, "1" if default else "").lower() in ("1", "true", "yes", "on")


def database(url: str) -> dict[str, Any]:
    """Translate a database address (``sqlite:///path`` or ``postgresql://…``) to Django's form."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path),
            # Tests read through ADBC as the product does, so their database must be a file too.
            "TEST": {"NAME": unquote(parts.path).replace(".sqlite3", "") + ".test.sqlite3"},
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
                    "PRAGMA cache_size=-64000; PRAGMA mmap_size=268435456; PRAGMA temp_store=MEMORY;"
                ),
            },
        }
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        # Asked before each use whether it still answers: after a restart of the database nobody gets a dead one.
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"pool": {"min_size": 1, "max_size": int(os.environ.get("LUOTAIN_POOL") or 8)}},
    }


DEBUG = flag("LUOTAIN_DEBUG")
SECRET_KEY = os.environ["LUOTAIN_SECRET_KEY"]
LUOTAIN_KEYS = os.environ["LUOTAIN_KEYS"]
LUOTAIN_ADDRESS = os.environ.get("LUOTAIN_ADDRESS", "http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS = [
    *filter(None, os.environ.get("LUOTAIN_HOSTS", "").split(",")),
    urlsplit(LUOTAIN_ADDRESS).hostname or "localhost",
    "127.0.0.1",
    "localhost",
]
CSRF_TRUSTED_ORIGINS = [LUOTAIN_ADDRESS]
CSRF_FAILURE_VIEW = "luotain.server.web.people.form_expired"

INSTALLED_APPS = [
    "luotain.server",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "axes",
    "csp",
]
MIDDLEWARE = [
    "luotain.server.web.requests.RequestLog",
    "django.middleware.security.SecurityMiddleware",
    "luotain.server.api.quick.ShortWay",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "luotain.server.web.installation.InstallationMiddleware",
    "luotain.server.web.access.AccessMiddleware",
]
ROOT_URLCONF = "luotain.server.urls"
WSGI_APPLICATION = "luotain.server.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASE_URL = os.environ.get("LUOTAIN_DATABASE_URL") or f"sqlite://{HOME / 'luotain.sqlite3'}"
DATABASES = {"default": database(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "luotain.Member"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "people/locked_out.html"
AXES_VERBOSE = False
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = LUOTAIN_ADDRESS.startswith("https://")
LANGUAGE_COOKIE_SAMESITE, LANGUAGE_COOKIE_HTTPONLY = "Lax", True
#: not from the cache, which each web process has for itself: who logs out of one is out of all
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31536000 if SESSION_COOKIE_SECURE else 0
# TLS ends at the proxy in front, which tells so by this header; without it browsers were never told to stay on https.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SESSION_COOKIE_SECURE else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
#: a batch of 10,000 feedbacks through the API; the respondent's page reads with a limit of its own
DATA_UPLOAD_MAX_MEMORY_SIZE = 16_000_000
FILE_UPLOAD_TEMP_DIR = None

LANGUAGE_CODE = "fi"
LANGUAGES = [("fi", _("Finnish")), ("sv", _("Swedish")), ("en", _("English"))]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = USE_TZ = True
USE_THOUSAND_SEPARATOR = True
TIME_ZONE = "Europe/Helsinki"

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STATIC_ROOT.mkdir(exist_ok=True)
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600

#: engines that reckon measures; every expression runs on others too (docs/reference/conformance.md)
ENGINES = ("duckdb",)
LUOTAIN_ENGINE = os.environ.get("LUOTAIN_ENGINE") or "duckdb"
if LUOTAIN_ENGINE not in ENGINES:
    raise ImproperlyConfigured(
        f"LUOTAIN_ENGINE is {LUOTAIN_ENGINE!r}, but this version reckons with: {', '.join(ENGINES)}. "
        "Set it to one of these, or leave it out."
    )
#: the files that hold the copy of the facts; they can always be made again from the database
LUOTAIN_SEGMENTS = Path(os.environ.get("LUOTAIN_SEGMENTS") or HOME / "segments")
#: smtp://user:password@host:port (smtps:// for TLS from the start, smtp+tls:// for STARTTLS); empty: mail waits
LUOTAIN_SMTP_URL = os.environ.get("LUOTAIN_SMTP_URL", "")
LUOTAIN_MAIL_FROM = os.environ.get("LUOTAIN_MAIL_FROM", "")
#: at most so many invitations and reminders a minute to one mail domain; 0: no limit
LUOTAIN_MAIL_PACE = int(os.environ.get("LUOTAIN_MAIL_PACE", "120"))
#: the selector of the key with which the mail server signs, so that the doctor can look the key up
LUOTAIN_DKIM_SELECTOR = os.environ.get("LUOTAIN_DKIM_SELECTOR", "")
#: where text messages are handed to a gateway: https://user:password@gateway.example/messages; empty: they wait
LUOTAIN_SMS_URL = os.environ.get("LUOTAIN_SMS_URL", "")
#: the sender of text messages: a number or at most 11 letters
LUOTAIN_SMS_FROM = os.environ.get("LUOTAIN_SMS_FROM", "")
#: mailboxes to read, separated by spaces: imaps://user:password@host/folder?touchpoint=…; empty: none
LUOTAIN_IMAP_URL = os.environ.get("LUOTAIN_IMAP_URL", "")
#: the folder whose files come in by themselves; empty: none is watched
LUOTAIN_INBOX = os.environ.get("LUOTAIN_INBOX", "")
#: networks of the company itself: customers' answers from there are flagged
try:
    LUOTAIN_STAFF_NETWORKS = read_networks(os.environ.get("LUOTAIN_STAFF_NETWORKS", ""))
except ValueError as problem:
    raise ImproperlyConfigured(
        f"LUOTAIN_STAFF_NETWORKS names networks with spaces between, as in 192.0.2.0/24 2001:db8::/48: {problem}"
    ) from problem
#: after how many seconds a message that a worker claimed and never marked is free again
LUOTAIN_LEASE_SECONDS = float(os.environ.get("LUOTAIN_LEASE_SECONDS", "60"))

LOGGING = configure(os.environ.get("LUOTAIN_LOG_LEVEL", "WARNING").upper())
