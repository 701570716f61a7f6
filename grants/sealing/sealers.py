"""The funder's seal: one PAdES signature that certifies the file and allows no change, by the key on record."""

import io
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from django.conf import settings
from django.utils import timezone
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko_certvalidator.registry import SimpleCertificateStore

from grants.sealing.certificates import NAME, check, issue, may_seal, name_in, public_key_of, read_chain, same_key
from grants.sealing.failing import CouldNotSeal
from grants.sealing.keys import SealKey, key_of
from grants.sealing.keys.local import LocalKey
from grants.sealing.models import SealCertificate

FIELD = "Seal"
LEVEL = "PAdES B-B"
SIGNATURE_ROOM = 512  # bytes kept free for the bare signature: an RSA key of 4096 bits needs all of them


class Sealer(Protocol):
    """Whatever seals: a key in a file, a token, a service."""

    def seal(self, pdf: bytes, *, reason: str) -> bytes:
        """Return ``pdf`` with the seal. Raises CouldNotSeal; then there is no seal of a lower kind instead."""
        ...


class _Signer(signers.Signer):
    """pyHanko's view of a key that signs elsewhere; each answer is checked against the certificate at once."""

    def __init__(self, key: SealKey, chain: list[asn1_x509.Certificate], certificate: x509.Certificate) -> None:
        registry = SimpleCertificateStore()
        registry.register_multiple(chain)
        super().__init__(signing_cert=chain[0], cert_registry=registry)
        self.key, self.public = key, public_key_of(certificate)

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:  # noqa: ARG002, FBT001, FBT002 pyHanko's signature
        """Sign the attributes of the seal; for its size alone nothing is asked of the key."""
        if dry_run:
            return bytes(SIGNATURE_ROOM)
        signature = self.key.sign(data)
        check(self.public, signature, data)
        return signature


@dataclass(frozen=True)
class KeySealer:
    """Seals with one key and the certificate that is on record for it."""

    key: SealKey
    certificate: SealCertificate

    def seal(self, pdf: bytes, *, reason: str) -> bytes:
        """Return ``pdf`` certified with this key, all changes forbidden."""
        (first, *_) = read_chain(self.certificate.pem.encode())
        metadata = signers.PdfSignatureMetadata(
            field_name=FIELD,
            md_algorithm="sha256",
            certify=True,
            docmdp_permissions=MDPPerm.NO_CHANGES,
            subfilter=SigSeedSubFilter.PADES,
            reason=reason,
            name=name_in(first) or NAME,
        )
        signer = _Signer(self.key, list(self.certificate.chain), first)
        sealed = io.BytesIO()
        signers.PdfSigner(metadata, signer=signer).sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), output=sealed)
        return sealed.getvalue()


def sealer_of(certificate: SealCertificate) -> Sealer:
    """Return the sealer of the certificate that seals now. Raises CouldNotSeal when it must not be used."""
    if certificate.source != settings.SEALER:
        raise CouldNotSeal(
            "SEALER names another key than the one on record. Set it back, or run manage.py rotate_seal_key."
        )
    now = timezone.now()
    if not certificate.begins_at <= now < certificate.ends_at:
        message = (
            f"The certificate of the seal holds from {_day(certificate.begins_at)} to {_day(certificate.ends_at)}. "
            "Run manage.py rotate_seal_key."
        )
        raise CouldNotSeal(message)
    return KeySealer(key_of(certificate.source, certificate.fingerprint), certificate)


def _day(at: datetime) -> str:
    return f"{at:%-d %B %Y}"


def certificate_for(key: SealKey, holder: str = "") -> bytes:
    """Return the certificate (PEM) to put on record for ``key``: the one in SEAL_CERTIFICATE, or one that names
    ``holder``, the funder, and that the key itself signs. Raises CouldNotSeal when it does not fit the key.
    """
    if settings.SEAL_CERTIFICATE:
        path = Path(settings.SEAL_CERTIFICATE)
        try:
            chain = read_chain(path.read_bytes())
        except (OSError, ValueError) as error:
            message = f"SEAL_CERTIFICATE names {path}, which holds no certificate."
            raise CouldNotSeal(message) from error
    elif isinstance(key, LocalKey):
        chain = read_chain(key.certificate(holder))
    else:
        chain = read_chain(issue(key.public_key(), key.sign, holder))
    first, now = chain[0], timezone.now()
    if not same_key(public_key_of(first), key.public_key()):
        raise CouldNotSeal("The certificate is of another key than SEALER names.")
    if not may_seal(first):
        raise CouldNotSeal("The certificate does not allow its key to seal: it lacks the use “content commitment”.")
    if not first.not_valid_before_utc <= now < first.not_valid_after_utc:
        raise CouldNotSeal("The certificate does not hold today.")
    return b"".join(one.public_bytes(serialization.Encoding.PEM) for one in chain)


def seal(pdf: bytes, *, digest: str, certificate: SealCertificate) -> bytes:
    """Return ``pdf`` sealed; ``digest`` (of the terms or figures) stands in the seal's reason, so that a
    changed copy tells its origin.
    """
    return sealer_of(certificate).seal(pdf, reason=f"Sealed record {digest}")
