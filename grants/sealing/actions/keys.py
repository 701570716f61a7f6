"""The key of the seal: put on record at first use, changed by a command, and told apart when it was stolen.

Only a rotation changes which key seals. A setting that is missing or different on one machine stops the seal there;
it never makes another seal instead.
"""

from datetime import datetime

from cryptography import x509
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from grants.sealing.certificates import fingerprint_of, public_key_of, read_chain, same_key
from grants.sealing.failing import CouldNotSeal
from grants.sealing.keys import SealKey, key_of
from grants.sealing.keys.local import add, forget
from grants.sealing.models import SealCertificate
from grants.sealing.sealers import certificate_for
from grants.sealing.sources import LOCAL, secret
from vetting_portal.models import Funder, User
from vetting_portal.workflow import Refused, action, lock, record


def present_certificate(*, by: User) -> SealCertificate:
    """Return the certificate that seals now; the first one of an installation is put on record here.

    Raises CouldNotSeal when the last one was given up, or its key cannot be reached.
    """
    current = SealCertificate.objects.current()
    if current is not None:
        return current
    if SealCertificate.objects.exists():
        raise CouldNotSeal("No key seals: the last one was given up. Run manage.py rotate_seal_key.")
    pem = certificate_for(key_of(settings.SEALER), _holder())
    try:
        return _take_up(pem=pem, source=settings.SEALER, replacing=None, by=by)
    except IntegrityError:  # another worker was first
        return SealCertificate.objects.get(is_current=True)


def rotate_seal_key(*, by: User) -> SealCertificate:
    """Seal with another key from now on: a new local one, or the one that SEALER names now.

    Every seal of the old one still counts. A new certificate for the same key is taken from SEAL_CERTIFICATE. Raises
    CouldNotSeal, Refused when SEALER names the key that seals already.
    """
    if not by.has_perm("grants.rotate_seal_key"):
        raise PermissionDenied("rotate_seal_key")
    holder = _holder()
    key = (
        add(secret(), holder)
        if settings.SEALER == LOCAL and SealCertificate.objects.exists()
        else key_of(settings.SEALER)
    )
    before = SealCertificate.objects.current()
    _refuse_known(key, before)
    pem = certificate_for(key, holder)
    made = _take_up(pem=pem, source=settings.SEALER, replacing=before, by=by)
    if before is not None and before.source == LOCAL:
        forget(before.fingerprint)
    return made


def _holder() -> str:
    """Return the funder's name as it is now: a certificate that is put on record carries it."""
    funder = Funder.objects.current_or_none()
    return funder.name if funder else ""


def _refuse_known(key: SealKey, before: SealCertificate | None) -> None:
    """Raise Refused for a key that was denounced, and for the one that seals already unless its certificate is new."""
    public = key.public_key()
    for one in SealCertificate.objects.all():
        if not same_key(public_key_of(read_chain(one.pem.encode())[0]), public):
            continue
        if one.compromised_at is not None:
            raise Refused(["SEALER names a key that was denounced. Make another one, and name that."], subject=one)
        if one == before and not settings.SEAL_CERTIFICATE:
            raise Refused(["SEALER names the key that seals already. Make another one, and name that."], subject=one)


def _fields(pem: bytes) -> dict[str, object]:
    first: x509.Certificate = read_chain(pem)[0]
    return {
        "fingerprint": fingerprint_of(first),
        "subject": first.subject.rfc4514_string()[:300],
        "pem": pem.decode(),
        "begins_at": first.not_valid_before_utc,
        "ends_at": first.not_valid_after_utc,
    }


@action
def _take_up(*, pem: bytes, source: str, replacing: SealCertificate | None, by: User) -> SealCertificate:
    """Put a certificate on record as the one that seals, and retire the one before. A worker that comes second with
    the first certificate of an installation gets the one that is there. Raises Refused.
    """
    if not by.has_perm("grants.take_up_seal_key"):
        raise PermissionDenied("take_up_seal_key")
    fields, now = _fields(pem), timezone.now()
    before = next(iter(lock(SealCertificate.objects.filter(is_current=True))), None)
    if before is not None and replacing is None:
        return before
    if before != replacing:
        raise Refused(["Another rotation came between. Look which key seals now: manage.py seal_keys."])
    if SealCertificate.objects.filter(fingerprint=fields["fingerprint"]).exists():
        raise Refused(["SEALER names a key that is on record already. Make another one, and name that."])
    if before is not None:
        _retire(before, by, now)
        record("seal_key_retired", before, by=by, facts={"fingerprint": before.fingerprint})
    with transaction.atomic():
        made = SealCertificate.objects.create(source=source, recorded_at=now, recorded_by=by, **fields)
    record("seal_key_taken_up", made, by=by, facts={"fingerprint": made.fingerprint, "subject": made.subject})
    return made


def _retire(certificate: SealCertificate, by: User, now: datetime) -> None:
    if certificate.is_current:
        certificate.is_current, certificate.retired_at, certificate.retired_by = False, now, by
        certificate.save(update_fields=["is_current", "retired_at", "retired_by"])


@action
def denounce_seal_key(*, certificate: SealCertificate, since: datetime, reason: str, by: User) -> SealCertificate:
    """Say that a key was in other hands from ``since`` on: seals recorded before still count, later ones do not.

    Said once. A key that seals now is given up with it; nothing is sealed until a rotation. Raises Refused.
    """
    if not by.has_perm("grants.denounce_seal_key"):
        raise PermissionDenied("denounce_seal_key")
    certificate, now = lock(certificate), timezone.now()
    if certificate.compromised_at is not None:
        raise Refused(["This was said of the key before, and stands."], subject=certificate)
    if since > now or not reason.strip():
        raise Refused(["Name a moment that has passed, and the reason."], subject=certificate)
    _retire(certificate, by, now)
    certificate.compromised_at, certificate.compromised_by, certificate.compromised_reason = since, by, reason
    certificate.save(update_fields=["compromised_at", "compromised_by", "compromised_reason"])
    facts = {"fingerprint": certificate.fingerprint, "since": since.isoformat()}
    record("seal_key_denounced", certificate, by=by, note=reason, facts=facts)
    return certificate
