"""How mail leaves an installation: to files, or to the server that EMAIL_URL names."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

OPTION_OF = {
    "EMAIL_HOST": "host",
    "EMAIL_PORT": "port",
    "EMAIL_HOST_USER": "username",
    "EMAIL_HOST_PASSWORD": "password",
    "EMAIL_USE_TLS": "use_tls",
    "EMAIL_USE_SSL": "use_ssl",
}


def mail_files(folder: Path) -> dict[str, Any]:
    """Return the mailer that writes each message to a file in ``folder``."""
    return {"BACKEND": "django.core.mail.backends.filebased.EmailBackend", "OPTIONS": {"file_path": str(folder)}}


def mailer(parsed: Mapping[str, Any]) -> dict[str, Any]:
    """Return the mailer for an address as django-environ reads it (``smtp+tls://user:word@host:587``)."""
    options = {option: parsed[name] for name, option in OPTION_OF.items() if parsed.get(name)}
    return {"BACKEND": parsed["EMAIL_BACKEND"], "OPTIONS": {**options, "timeout": 20}}
