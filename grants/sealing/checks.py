"""Checks at start-up: settings of the seal that cannot work, and a certificate that ends soon."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.checks import Warning as Caution
from django.db import connection
from django.utils import timezone

from grants.sealing.failing import CouldNotSeal
from grants.sealing.sources import read_source, secret

SOON = timedelta(days=30)


def seal_settings_can_work(**kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001 Django's signature
    """Return an error for each setting of the seal that has no known form or names a file without certificates."""
    found: list[CheckMessage] = []
    try:
        read_source(settings.SEALER)
        secret()
    except CouldNotSeal as error:
        found.append(Error(str(error), id="grants.E001"))
    named = {"SEAL_CERTIFICATE": settings.SEAL_CERTIFICATE}
    if settings.TSA_URL:
        named["TSA_CERTIFICATES"] = settings.TSA_CERTIFICATES
        if not settings.TSA_URL.startswith(("http://", "https://")):
            found.append(Error("TSA_URL is an address that begins with https:// or http://.", id="grants.E002"))
    for name, path in named.items():
        if not path:
            continue
        try:
            x509.load_pem_x509_certificates(Path(path).read_bytes())
        except (OSError, ValueError):
            found.append(Error(f"{name} names {path}, which holds no certificates.", id="grants.E003"))
    return found


def seal_certificate_lasts(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """Return a warning when nothing can be sealed, or soon cannot: the portal itself serves on."""
    if not databases or "grants_sealcertificate" not in connection.introspection.table_names():
        return []
    certificates = apps.get_model("grants", "SealCertificate").objects
    current = certificates.filter(is_current=True).first()
    if current is None:
        gone = certificates.exists()
        return [Caution("No key seals: run manage.py rotate_seal_key.", id="grants.W001")] if gone else []
    if current.source != settings.SEALER:
        words = "SEALER names another key than the one on record: nothing is sealed until manage.py rotate_seal_key."
        return [Caution(words, id="grants.W002")]
    if current.ends_at - timezone.now() > SOON:
        return []
    words = f"The certificate of the seal ends on {current.ends_at:%-d %B %Y}: run manage.py rotate_seal_key."
    return [Caution(words, id="grants.W003")]
