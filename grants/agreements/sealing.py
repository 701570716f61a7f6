"""The funder's seal: one PAdES signature that certifies the file and allows no change, with a key of the
installation.
"""

import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Protocol

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings
from pyhanko.keys import load_certs_from_pemder_data, load_private_key_from_pemder_data
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko_certvalidator.registry import SimpleCertificateStore

from vetting_portal.keys import kept

FIELD = "Seal"
LEVEL = "PAdES B-B"
VALID_FOR = timedelta(days=365 * 30)
NAME = "Vetting portal seal"


class Sealer(Protocol):
    """Whatever holds the funder's key: a file here, later a token or a service."""

    def seal(self, pdf: bytes, *, reason: str) -> bytes:
        """Return ``pdf`` with the seal."""
        ...

    def certificates(self) -> list[asn1_x509.Certificate]:
        """Return the certificates whose seals count."""
        ...


def _make_key() -> bytes:
    """Return a new key and its certificate as PEM. Content commitment is the key usage that a seal needs."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + VALID_FOR)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True,
                content_commitment=True,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=False,
                crl_sign=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + certificate.public_bytes(serialization.Encoding.PEM)


@dataclass(frozen=True)
class FileSealer:
    """A key in a file that only its owner can read, made at first use."""

    path: Path

    def _parts(self) -> tuple[bytes, bytes]:
        content = kept(self.path, _make_key)
        mark = content.index(b"-----BEGIN CERTIFICATE-----")
        return content[:mark], content[mark:]

    def certificates(self) -> list[asn1_x509.Certificate]:
        """Return the one certificate of the key."""
        return list(load_certs_from_pemder_data(self._parts()[1]))

    def seal(self, pdf: bytes, *, reason: str) -> bytes:
        """Return ``pdf`` certified with this key, all changes forbidden."""
        private = self._parts()[0]
        certificate = self.certificates()[0]
        registry = SimpleCertificateStore()
        registry.register(certificate)
        signer = signers.SimpleSigner(
            signing_cert=certificate,
            signing_key=load_private_key_from_pemder_data(private, passphrase=None),
            cert_registry=registry,
        )
        metadata = signers.PdfSignatureMetadata(
            field_name=FIELD,
            md_algorithm="sha256",
            certify=True,
            docmdp_permissions=MDPPerm.NO_CHANGES,
            subfilter=SigSeedSubFilter.PADES,
            reason=reason,
            name=NAME,
        )
        sealed = io.BytesIO()
        signers.PdfSigner(metadata, signer=signer).sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), output=sealed)
        return sealed.getvalue()


@cache
def _file_sealer(folder: Path) -> FileSealer:
    return FileSealer(folder / "keys" / "seal.pem")


def sealer() -> Sealer:
    """Return the installation's sealer."""
    return _file_sealer(settings.DATA_DIR)


def seal(pdf: bytes, *, digest: str) -> bytes:
    """Return ``pdf`` sealed; ``digest`` (of the terms or figures) stands in the seal's reason, so that a
    changed copy tells its origin.
    """
    return sealer().seal(pdf, reason=f"Sealed record {digest}")
