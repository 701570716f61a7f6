"""Pictures made for the tests: photographs and scans as devices write them, and ones that no vault should take."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

import pillow_heif
from PIL import Image, PngImagePlugin


def noise(size: tuple[int, int] = (320, 240), mode: str = "RGB") -> Image.Image:
    """A picture that does not pack well."""
    return Image.effect_noise(size, 60).convert(mode)


def jpeg(picture: Image.Image | None = None, **options) -> bytes:
    target = io.BytesIO()
    (picture or noise()).save(target, "JPEG", **options)
    return target.getvalue()


def png(picture: Image.Image | None = None, **options) -> bytes:
    target = io.BytesIO()
    (picture or noise()).save(target, "PNG", **options)
    return target.getvalue()


def heic(picture: Image.Image | None = None, **options) -> bytes:
    target = io.BytesIO()
    pillow_heif.from_pillow(picture or noise()).save(target, **options)
    return target.getvalue()


def photo() -> bytes:
    """A photograph with EXIF: a maker, a direction, a place, a thumbnail's worth of notes."""
    exif = Image.Exif()
    exif[0x010F] = "Example Phone"
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[1] = "N"
    return jpeg(exif=exif, icc_profile=b"icc" * 100, comment=b"Workshop in 2026, <3 trees planted")


def hdr_photo() -> bytes:
    """A phone's photograph with a second JPEG (its HDR map) behind the first."""
    return jpeg() + jpeg(noise((64, 48), "L"))


def several_photos() -> bytes:
    target = io.BytesIO()
    noise().save(target, "MPO", save_all=True, append_images=[noise()])
    return target.getvalue()


def samsung_photo() -> bytes:
    notes = b"\x00\x00\x01\x0a\x0e\x00\x00\x00Image_UTC_Data1790000000000"
    return jpeg() + notes + b"SEFH" + struct.pack("<II", 106, 1) + b"\x00" * 12 + struct.pack("<I", 24) + b"SEFT"


def screenshot() -> bytes:
    words = PngImagePlugin.PngInfo()
    words.add_text("Software", "Screenshot")
    words.add_itxt("XML:com.adobe.xmp", '<x:xmpmeta xmlns:x="adobe:ns:meta/"/>')
    return png(pnginfo=words, dpi=(300, 300))


def chunk(kind: bytes, body: bytes) -> bytes:
    """One PNG chunk with its sum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_of(width: int, height: int) -> bytes:
    """A PNG that only announces its size."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")


def jpeg_of(width: int, height: int) -> bytes:
    """A JPEG whose frame announces another size."""
    raw = bytearray(jpeg())
    at = raw.index(b"\xff\xc0")
    raw[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(raw)


def animated_png() -> bytes:
    target = io.BytesIO()
    noise().save(target, "PNG", save_all=True, append_images=[noise(), noise()], duration=100)
    return target.getvalue()


def zipped(name: str = "a.txt", body: bytes = b"hidden") -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(name, body)
    return target.getvalue()


def with_segment(marker: int, body: bytes) -> bytes:
    """A JPEG with one more segment behind its start."""
    raw = jpeg()
    return raw[:2] + struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body + raw[2:]


def png_with(kind: bytes, body: bytes) -> bytes:
    """A PNG with one more chunk in front of its pixels."""
    raw = png()
    at = raw.index(b"IDAT") - 4
    return raw[:at] + chunk(kind, body) + raw[at:]


def flipped(raw: bytes, at: int) -> bytes:
    """The bytes with one of them changed."""
    return raw[:at] + bytes([raw[at] ^ 0xFF]) + raw[at + 1 :]


def gif() -> bytes:
    target = io.BytesIO()
    noise().save(target, "GIF")
    return target.getvalue()


def other(form: str) -> bytes:
    target = io.BytesIO()
    noise().save(target, form)
    return target.getvalue()


GOOD: dict[str, tuple[str, Callable[[], bytes]]] = {
    "photograph": ("IMG_0001.JPG", photo),
    "progressive": ("a.jpeg", lambda: jpeg(progressive=True)),
    "grey": ("scan.jpg", lambda: jpeg(noise(mode="L"))),
    "four inks": ("print.jpg", lambda: jpeg(noise(mode="CMYK"))),
    "with restarts": ("a.jpg", lambda: jpeg(restart_marker_blocks=4)),
    "twelve megapixels": ("a.jpg", lambda: jpeg(noise((4000, 3000)))),
    "HDR photograph": ("a.jpg", hdr_photo),
    "several pictures": ("a.jpg", several_photos),
    "Samsung's notes": ("a.jpg", samsung_photo),
    "stray byte": ("a.jpg", lambda: jpeg() + b"\x14"),
    "Photoshop's notes": (
        "a.jpg",
        lambda: with_segment(0xED, b"Photoshop 3.0\x008BIM<?xml version='1.0'?><!DOCTYPE plist PUBLIC '-//Apple//'>"),
    ),
    "padded": ("a.jpg", lambda: jpeg() + bytes(2000)),
    "screenshot": ("Screenshot 2026-10-01 at 10.00.00.png", screenshot),
    "palette": ("a.png", lambda: png(noise(mode="P"))),
    "transparent": ("logo.png", lambda: png(noise(mode="RGBA"))),
    "one bit": ("fax.png", lambda: png(noise(mode="1"))),
    "sixteen bits": ("a.png", lambda: png(Image.new("I;16", (50, 50), 4000))),
    "HEIC": ("IMG_0002.HEIC", heic),
    "HEIC with EXIF": ("a.heif", lambda: heic(exif=Image.Exif().tobytes(), quality=40)),
    "HEIC, transparent": ("a.heic", lambda: heic(noise(mode="RGBA"))),
}

BAD: dict[str, tuple[str, Callable[[], bytes], str, str]] = {
    "flood, PNG": ("a.png", lambda: png_of(50_000, 50_000), "too many pixels", "image/png"),
    "flood in a line, PNG": ("a.png", lambda: png_of(2_000_000, 1), "too many pixels", "image/png"),
    "flood, JPEG": ("a.jpg", lambda: jpeg_of(65_000, 65_000), "too many pixels", "image/jpeg"),
    "no pixels": ("a.png", lambda: png_of(0, 10), "damaged", "image/png"),
    "animated": ("a.png", animated_png, "moving picture", "image/png"),
    "cut JPEG": ("a.jpg", lambda: jpeg()[:-2000], "damaged", "image/jpeg"),
    "JPEG without its end": ("a.jpg", lambda: jpeg()[:-2], "damaged", "image/jpeg"),
    "cut PNG": ("a.png", lambda: png()[:-2000], "damaged", "image/png"),
    "PNG without its end": ("a.png", lambda: png()[:-12], "damaged", "image/png"),
    "PNG with a wrong sum": ("a.png", lambda: flipped(png(), 2000), "damaged", "image/png"),
    "cut HEIC": ("a.heic", lambda: heic()[:-500], "damaged", "image/heic"),
    "HEIC without pixels": ("a.heic", lambda: heic()[:28], "damaged", "image/heic"),
    "HTML behind a JPEG": ("a.jpg", lambda: jpeg() + b"<html><script>1</script>", "more than a picture", "image/jpeg"),
    "zip behind a JPEG": ("a.jpg", lambda: jpeg() + zipped(), "more than a picture", "image/jpeg"),
    "zip in a note of a JPEG": ("a.jpg", lambda: with_segment(0xFE, zipped()), "more than a picture", "image/jpeg"),
    "film behind a JPEG": ("a.jpg", lambda: jpeg() + b"\x00\x00\x00\x18ftypmp42" + bytes(99), "moving", "image/jpeg"),
    "PHP in a note": ("a.jpg", lambda: with_segment(0xFE, b"<?php system(1);"), "more than a picture", "image/jpeg"),
    "script in APP1": ("a.jpg", lambda: with_segment(0xE1, b"<SCRIPT >1"), "more than a picture", "image/jpeg"),
    "PDF in a note": ("a.jpg", lambda: with_segment(0xFE, b"\n%PDF-1.4\n"), "more than a picture", "image/jpeg"),
    "HTML behind a PNG": ("a.png", lambda: png() + b"<html>", "more than a picture", "image/png"),
    "HTML behind a padded PNG": (
        "a.png",
        lambda: png() + bytes(200_000) + b"<html>",
        "more than a picture",
        "image/png",
    ),
    "zip behind a PNG": ("a.png", lambda: png() + zipped(), "more than a picture", "image/png"),
    "PHP in a text of a PNG": (
        "a.png",
        lambda: png_with(b"tEXt", b"Comment\x00<?php 1;"),
        "more than a picture",
        "image/png",
    ),
    "zip behind a HEIC": ("a.heic", lambda: heic() + zipped(), "more than a picture", "image/heic"),
    "film in a HEIC": ("a.heic", lambda: heic() + struct.pack(">I4s", 16, b"mpvd") + bytes(8), "moving", "image/heic"),
    "GIF": ("a.gif", gif, "not a JPEG", "image/gif"),
    "GIF called JPEG": ("a.jpg", gif, "not a JPEG", "image/gif"),
    "WebP": ("a.webp", lambda: other("WEBP"), "not a JPEG", "image/webp"),
    "TIFF": ("a.tiff", lambda: other("TIFF"), "not a JPEG", "image/tiff"),
    "BMP": ("a.bmp", lambda: other("BMP"), "not a JPEG", "image/bmp"),
    "AVIF called HEIC": ("a.heic", lambda: other("AVIF"), "not a JPEG", "image/avif"),
}
