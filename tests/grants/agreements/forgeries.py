"""What somebody would do to a sealed PDF to pass off another paper as ours, each as a function of its bytes."""

import io
import random
import re
import subprocess
import zipfile
import zlib
from datetime import UTC, datetime, timedelta

import pikepdf
from asn1crypto import pem
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pyhanko.keys import load_private_key_from_pemder_data
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko_certvalidator.registry import SimpleCertificateStore

NAME = "Vetting portal seal"


def flips(sealed, count, seed=20261125):
    """Yield copies with one bit changed each: spread over the file, and some in each place that hides from a seal."""
    chance = random.Random(seed)  # noqa: S311 a repeatable choice, no secret
    contents = sealed.rindex(b"/Contents")
    regions = {
        "anywhere": (0, len(sealed)),
        "header": (0, 20),
        "cms": (contents, sealed.index(b">", contents)),
        "padding": (sealed.index(b"0" * 400, contents), sealed.index(b">", contents)),
        "xref": (sealed.rindex(b"startxref") - 400, len(sealed)),
        "byte range": (sealed.rindex(b"/ByteRange"), sealed.rindex(b"/ByteRange") + 60),
        "attachment": (sealed.index(b"/EmbeddedFile"), sealed.index(b"/EmbeddedFile") + 2000),
    }
    for number in range(count):
        name, (start, end) = list(regions.items())[number % len(regions)]
        offset = chance.randrange(start, min(end, len(sealed)))
        changed = bytearray(sealed)
        changed[offset] ^= 1 << chance.randrange(8)
        yield f"{name} {offset}", bytes(changed)


def updated(sealed, change):
    """Return the file with an incremental update: the sealed bytes stay, something is written after them."""
    writer = IncrementalPdfFileWriter(io.BytesIO(sealed), strict=False)
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    assert out.getvalue().startswith(sealed)
    return out.getvalue()


def _first_page(writer):
    page, _ = writer.find_page_for_modification(0)
    return page.get_object()


def page_replaced(sealed):
    def change(writer):
        page = _first_page(writer)
        page[pdf_name("/Contents")] = writer.add_object(generic.StreamObject(stream_data=b"BT (USD 900,000) Tj ET"))
        writer.update_container(page)

    return updated(sealed, change)


def annotated(sealed):
    def change(writer):
        note = generic.DictionaryObject({
            pdf_name("/Type"): pdf_name("/Annot"), pdf_name("/Subtype"): pdf_name("/FreeText"),
            pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (50, 50, 400, 700))),
            pdf_name("/Contents"): generic.TextStringObject("USD 900,000"),
        })  # fmt: skip
        page = _first_page(writer)
        page[pdf_name("/Annots")] = generic.ArrayObject([writer.add_object(note)])
        writer.update_container(page)

    return updated(sealed, change)


def seal_removed(sealed):
    def change(writer):
        for name in ("/AcroForm", "/Perms"):
            if name in writer.root:
                del writer.root[name]
        writer.update_root()

    return updated(sealed, change)


def attachment_swapped(sealed):
    def change(writer):
        specs = writer.root["/Names"]["/EmbeddedFiles"]["/Names"]
        spec = specs[1].get_object()
        spec["/EF"][pdf_name("/F")] = writer.add_object(generic.StreamObject(stream_data=b'{"cap_minor":90000000}'))
        writer.update_container(spec)

    return updated(sealed, change)


def sealed_again(sealed):
    """Sealed a second time over ours, with another key."""
    return _sealed_by_another(sealed, certify=False)


def looping(sealed):
    """An appended table whose /Prev names itself."""
    at = len(sealed)
    return sealed + f"xref\n0 0\ntrailer\n<< /Size 1 /Root 1 0 R /Prev {at} >>\nstartxref\n{at}\n%%EOF\n".encode()


def resaved(sealed):
    with pikepdf.open(io.BytesIO(sealed)) as pdf:
        out = io.BytesIO()
        pdf.save(out)
    return out.getvalue()


def streamed(sealed):
    """Written anew with its objects in object streams and its table in an xref stream."""
    with pikepdf.open(io.BytesIO(sealed)) as pdf:
        out = io.BytesIO()
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate, linearize=True)
    return out.getvalue()


def encrypted(sealed):
    with pikepdf.open(io.BytesIO(sealed)) as pdf:
        out = io.BytesIO()
        pdf.save(out, encryption=pikepdf.Encryption(owner="o", user=""))
    return out.getvalue()


def linearised(sealed, folder):
    """As ``qpdf --linearize`` writes it."""
    (folder / "in.pdf").write_bytes(sealed)
    subprocess.run(["qpdf", "--linearize", folder / "in.pdf", folder / "out.pdf"], check=False, capture_output=True)
    return (folder / "out.pdf").read_bytes()


def _another_key():
    """A key of somebody else, with a certificate that bears the name of ours and the same uses."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now, off = datetime.now(UTC), dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign", "encipher_only",
         "decipher_only"), False,
    )  # fmt: skip
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=10_000))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=True, content_commitment=True, **off), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private, asn1_x509.Certificate.load(made.public_bytes(serialization.Encoding.DER))


def _sealed_by_another(pdf, *, certify=True, reason=""):
    private, certificate = _another_key()
    registry = SimpleCertificateStore()
    registry.register(certificate)
    signer = signers.SimpleSigner(
        signing_cert=certificate,
        signing_key=load_private_key_from_pemder_data(private, passphrase=None),
        cert_registry=registry,
    )
    metadata = signers.PdfSignatureMetadata(
        field_name="Seal" if certify else "Seal2", md_algorithm="sha256", certify=certify, reason=reason or None,
        docmdp_permissions=MDPPerm.NO_CHANGES, subfilter=SigSeedSubFilter.PADES, name=NAME,
    )  # fmt: skip
    out = io.BytesIO()
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf), strict=False)
    if not certify:
        writer.root.pop("/Perms", None)
    signers.PdfSigner(metadata, signer=signer).sign_pdf(writer, output=out)
    return out.getvalue()


def look_alike(unsealed, reason):
    """The very same pages, sealed by a key whose certificate bears our name, for the same stated reason."""
    return _sealed_by_another(unsealed, reason=reason)


def unsealed_of(sealed):
    """The bytes before the seal: what stood there when the seal was put on."""
    return sealed[: sealed.rindex(b"%%EOF", 0, sealed.rindex(b"/ByteRange")) + 6]


def inside_another(sealed):
    """A PDF of somebody else that carries ours as an attachment."""
    pdf = pikepdf.new()
    pdf.add_blank_page()
    pdf.attachments["agreement.pdf"] = pikepdf.AttachedFileSpec(pdf, sealed)
    out = io.BytesIO()
    pdf.save(out, compress_streams=False)
    return out.getvalue()


def zipped(sealed):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("agreement.pdf", sealed)
    return out.getvalue()


def certificate_of_another():
    """A certificate with our name, as PEM, of somebody else's key."""
    return pem.armor("CERTIFICATE", _another_key()[1].dump())


def certificate_copied(sealed):
    """A paper of somebody else with our certificate pasted behind it."""
    contents = sealed.rindex(b"/Contents")
    return b"%PDF-1.7\nUSD 900,000\n" + sealed[contents : sealed.index(b">", contents)] + b"\n%%EOF\n"


def hole_filled(sealed, reason, carried=()):
    """Another document in the hole that our byte range leaves out: every sealed byte stands where it stood, our
    ``startxref`` now points into the hole, and the lengths add up, since the seal inside is written as a short text.
    """
    first, second, last = map(int, list(re.finditer(rb"/ByteRange ?\[0 (\d+) (\d+) (\d+)\]", sealed))[-1].groups())
    covered = sealed[:first] + sealed[second : second + last]
    seal = bytes.fromhex(sealed[first + 1 : second - 1].decode())
    table_at = int(re.search(rb"startxref\s+(\d+)\s+%%EOF\s*$", sealed)[1])
    files = [(name, zlib.compress(content)) for name, content in carried]
    long_seal = seal.ljust(max(len(seal), table_at - first, sum(len(content) for _, content in files)) + 9_000, b"\0")
    size = 2 * len(long_seal) + 2
    names = b"".join(b"(%s) %d 0 R " % (name.encode(), 20 + 2 * place) for place, (name, _) in enumerate(files))
    page = b"BT /F1 24 Tf 60 700 Td (USD 900,000 for somebody else) Tj ET"
    text = re.sub(rb"[()\\\r\n]", lambda found: b"\\%03o" % found[0][0], long_seal)
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[5 0 R]/SigFlags 3>>/Perms<</DocMDP 6 0 R>>"
        b"/Names<</EmbeddedFiles<</Names[%s]>>>>>>" % names,
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Annots[5 0 R]/Resources<</Font<</F1"
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>",
        4: b"<</Length %d>>stream\n%s\nendstream" % (len(page), page),
        5: b"<</Type/Annot/Subtype/Widget/FT/Sig/T(Seal)/V 6 0 R/Rect[0 0 0 0]/F 132/P 3 0 R>>",
        6: b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/Reason(%s)/ByteRange[0 %d %d %d]/Reference"
        b"[<</Type/SigRef/TransformMethod/DocMDP/TransformParams<</Type/TransformParams/V/1.2/P 1>>>>]/Contents(%s)>>"
        % (reason.encode(), first, first + size, len(covered) - first, text),
    }
    for place, (name, content) in enumerate(files):
        objects[20 + 2 * place] = b"<</Type/Filespec/F(%s)/EF<</F %d 0 R>>>>" % (name.encode(), 21 + 2 * place)
        stream = b"<</Type/EmbeddedFile/Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(content), content)
        objects[21 + 2 * place] = stream
    count = max(objects) + 1
    trailer = b"trailer\n<</Size %d/Root 1 0 R/ID[<00><00>]>>\nstartxref\n%d\n%%%%EOF\n" % (count, table_at)
    at, places, body = table_at + len(b"xref\n0 %d\n" % count) + 20 * count + len(trailer), {}, b""
    for number, content in objects.items():
        places[number] = at + len(body)
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    rows = (b"%010d 00000 n \n" % places[each] if each in places else b"0000000000 65535 f \n" for each in range(count))
    hole = b" " * (table_at - first) + b"xref\n0 %d\n" % count + b"".join(rows) + trailer + body
    assert len(hole) <= size
    return covered[:first] + hole.ljust(size) + covered[first:]


def bomb():
    """Deep nesting, and a stream that unpacks to a hundred megabytes: to be hashed, never unpacked."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(100)) + packer.flush()
    return (
        b"%PDF-1.7\n1 0 obj\n" + b"[" * 200_000 + b"]" * 200_000 + b"\nendobj\n2 0 obj\n<< /Type /ObjStm /N 999999999"
        b" /First 9 /Filter /FlateDecode /Length " + str(len(packed)).encode() + b" >>\nstream\n" + packed
        + b"\nendstream\nendobj\ntrailer\n<< /Root 1 0 R /Prev 9 >>\nstartxref\n9\n%%EOF\n"
    )  # fmt: skip


def of_a_stranger(*, encrypt=False):
    """A PDF that has nothing to do with us."""
    pdf = pikepdf.new()
    pdf.add_blank_page()
    out = io.BytesIO()
    pdf.save(out, encryption=pikepdf.Encryption(owner="o", user="u") if encrypt else False)
    return out.getvalue()
