"""Makes and reads certificates of the seal. Content commitment is the key usage that a seal needs."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

from grants.sealing.failing import CouldNotSeal

NAME = "Vetting portal seal"  # of a key that was made before there was a funder
UNIT = "Seal of documents"
LONGEST = 64  # of a name in a certificate (RFC 5280, upper bounds), in bytes, as the library counts
VALID_FOR = timedelta(days=365 * 30)
# What a certificate that its own key signs says of its beginning proves nothing: our record says from when it counts.
# A fixed day, so that a clock that was ahead when it was made stops no seal afterwards.
BEGINS = datetime(2020, 1, 1, tzinfo=UTC)
RSA_LEAST_BITS = 2048
type PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey

_USAGE = x509.KeyUsage(
    digital_signature=True,
    content_commitment=True,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)


def fit(key: object) -> PublicKey:
    """Return ``key`` when seals can be made with it. Raises CouldNotSeal: SHA-256 is what every seal is made over."""
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= RSA_LEAST_BITS:
        return key
    raise CouldNotSeal("The key is of a kind that cannot seal. Use an EC key on P-256, or RSA with 2048 bits or more.")


def subject_of(holder: str) -> x509.Name:
    """Return what a certificate says of ``holder``, the funder whose seal it is: a longer name is cut."""
    if len(holder.encode()) > LONGEST:
        holder = holder.encode()[: LONGEST - len("…".encode())].decode(errors="ignore").rstrip() + "…"
    if not holder:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, holder),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, UNIT),
            x509.NameAttribute(NameOID.COMMON_NAME, holder),
        ]
    )


def name_in(certificate: x509.Certificate) -> str:
    """Return whom a certificate names; empty where it has no common name."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else ""


def issue(public: PublicKey, sign: Callable[[bytes], bytes], holder: str = "") -> bytes:
    """Return a certificate (PEM) for ``public`` that names ``holder`` and that its own key signs by ``sign``, wherever
    that key is.

    The library signs only with a key it holds: it fills the form in with a key of the same kind, which is thrown away,
    and the signature over the same bytes is then made by the real one.
    """
    throwaway = (
        rsa.generate_private_key(65537, RSA_LEAST_BITS)
        if isinstance(public, rsa.RSAPublicKey)
        else ec.generate_private_key(ec.SECP256R1())
    )
    name = subject_of(holder)
    filled_in = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(BEGINS)
        .not_valid_after(datetime.now(UTC) + VALID_FOR)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_USAGE, critical=True)
        .sign(throwaway, hashes.SHA256())
    )
    signature = sign(filled_in.tbs_certificate_bytes)
    check(public, signature, filled_in.tbs_certificate_bytes)
    made = asn1_x509.Certificate.load(filled_in.public_bytes(serialization.Encoding.DER))
    made["signature_value"] = signature
    certificate = x509.load_der_x509_certificate(made.dump(force=True))
    return certificate.public_bytes(serialization.Encoding.PEM)


def check(public: PublicKey, signature: bytes, message: bytes) -> None:
    """Raise CouldNotSeal when ``signature`` is not the key's over ``message``: never store what a service made up."""
    try:
        if isinstance(public, rsa.RSAPublicKey):
            public.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
        else:
            public.verify(signature, message, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise CouldNotSeal("What the key gave back is not a signature that its certificate proves.") from None


def read_chain(pem: bytes) -> list[x509.Certificate]:
    """Return the certificates of a PEM file, the seal's own first. Raises ValueError."""
    return x509.load_pem_x509_certificates(pem)


def public_key_of(certificate: x509.Certificate) -> PublicKey:
    """Return the public key of a certificate. Raises CouldNotSeal when it cannot seal."""
    return fit(certificate.public_key())


def same_key(one: PublicKey, other: PublicKey) -> bool:
    """Whether both are the same public key."""
    return one.public_numbers() == other.public_numbers()


def may_seal(certificate: x509.Certificate) -> bool:
    """Whether the certificate's key usage, where it states one, lets it commit to content."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return usage.content_commitment


def fingerprint_of(certificate: x509.Certificate) -> str:
    """Return the SHA-256 of the certificate."""
    return hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest()
