"""What the document vault takes, and how large it may be: the one table that code, tests and documentation share."""

from dataclasses import dataclass

MAX_BYTES = 25_000_000
MAX_NAME = 150
"""How many characters of a file's name are kept; a longer one is shortened, never refused."""

MAX_PIXELS = 150_000_000
MAX_SIDE = 60_000
MAX_PDF_PIXELS = 600_000_000

MAX_MEMBERS = 5_000
MAX_UNPACKED = 300_000_000
MAX_RATIO = 250
RATIO_FROM = 4_000_000
MAX_NESTING = 2

MAX_PDF_PAGES = 5_000
MAX_PDF_OBJECTS = 1_000_000
MAX_PDF_STREAM = 400_000_000
MAX_PDF_UNPACKED = 2_000_000_000

CPU_SECONDS = 20
WALL_SECONDS = 60
MEMORY_BYTES = 1_500_000_000


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file that the vault takes: its MIME type, the endings of its name, and what people call it."""

    media_type: str
    endings: tuple[str, ...]
    label: str


PDF = Kind("application/pdf", ("pdf",), "PDF document")
JPEG = Kind("image/jpeg", ("jpg", "jpeg", "jpe", "jfif"), "JPEG picture")
PNG = Kind("image/png", ("png",), "PNG picture")
HEIC = Kind("image/heic", ("heic", "heif"), "HEIC picture")
DOCX = Kind("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ("docx",), "Word document")
XLSX = Kind("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ("xlsx",), "Excel workbook")
ODT = Kind("application/vnd.oasis.opendocument.text", ("odt",), "OpenDocument text")
ODS = Kind("application/vnd.oasis.opendocument.spreadsheet", ("ods",), "OpenDocument spreadsheet")

KINDS = (PDF, JPEG, PNG, HEIC, DOCX, XLSX, ODT, ODS)
BY_MEDIA_TYPE = {kind.media_type: kind for kind in KINDS}
TAKEN = "PDF, JPEG, PNG, HEIC, DOCX, XLSX, ODT or ODS"
UNKNOWN = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit, as the documentation shows it."""

    what: str
    value: str


LIMITS = (
    Limit("Size of a file", f"{MAX_BYTES:,} bytes"),
    Limit("Length of its name", f"any; what is longer than {MAX_NAME} characters is shortened, its ending kept"),
    Limit("Picture", f"{MAX_PIXELS:,} pixels, {MAX_SIDE:,} on a side, one still picture"),
    Limit("Picture inside a PDF", f"{MAX_PDF_PIXELS:,} pixels"),
    Limit("DOCX, XLSX, ODT, ODS: parts", f"{MAX_MEMBERS:,}, embedded workbooks and documents included"),
    Limit("DOCX, XLSX, ODT, ODS: unpacked", f"{MAX_UNPACKED:,} bytes in all"),
    Limit(
        "DOCX, XLSX, ODT, ODS: one part",
        f"at most {MAX_RATIO} times its packed size, where it is larger than {RATIO_FROM:,} bytes",
    ),
    Limit("DOCX, XLSX: a workbook or document inside another", f"{MAX_NESTING} levels"),
    Limit("PDF: pages", f"{MAX_PDF_PAGES:,}"),
    Limit("PDF: objects", f"{MAX_PDF_OBJECTS:,}"),
    Limit("PDF: unpacked", f"{MAX_PDF_STREAM:,} bytes a stream, {MAX_PDF_UNPACKED:,} bytes in all"),
    Limit("Time to check a file", f"{CPU_SECONDS} seconds of a processor, {WALL_SECONDS} seconds by the clock"),
    Limit("Memory to check a file", f"{MEMORY_BYTES:,} bytes of address space"),
)


def policy_table() -> str:
    """Return the kinds and limits as two Markdown tables, for the documentation."""
    kinds = [f"| {kind.label} | `{kind.media_type}` | {', '.join('.' + e for e in kind.endings)} |" for kind in KINDS]
    limits = [f"| {limit.what} | {limit.value} |" for limit in LIMITS]
    return "\n".join(
        [
            "| kind | type | endings |",
            "|---|---|---|",
            *kinds,
            "",
            "| limit | value |",
            "|---|---|",
            *limits,
            "",
        ]
    )
