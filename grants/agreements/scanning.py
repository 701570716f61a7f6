"""Takes an uploaded file that is only to be compared: piece by piece into its hash, and nowhere else."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from grants.agreements.verification import Scan
from vetting_portal.uploads import REQUEST_BYTES


class ScannedFile(UploadedFile):
    """What is left of a file after it was looked through: its name, its size and the scan. It has no bytes."""

    def __init__(self, name: str | None, scan: Scan) -> None:
        super().__init__(file=None, name=name, size=scan.size)
        self.scan = scan


class ScanningUploadHandler(FileUploadHandler):
    """Hashes each file of a request as it comes. Nothing of it is written or kept.

    A request past the house's limit is ended with RequestDataTooBig.
    """

    received = 0
    scan: Scan

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,  # noqa: N803  Django's own name
        content_length: int,
        boundary: Any,
        encoding: str | None = None,
    ) -> None:
        """Refuse a request whose announced length is past the limit, before reading it."""
        super().handle_raw_input(input_data, META, content_length, boundary, encoding)
        if content_length > REQUEST_BYTES:
            raise RequestDataTooBig("This request is too large.")

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file with an empty scan."""
        super().new_file(*args, **kwargs)
        self.scan = Scan()

    def receive_data_chunk(self, raw_data: bytes, _: int) -> None:
        """Take the next piece; there is nothing to hand on."""
        self.received += len(raw_data)
        if self.received > REQUEST_BYTES:
            raise RequestDataTooBig("This request is too large.")
        self.scan.feed(raw_data)

    def file_complete(self, file_size: int) -> ScannedFile:  # noqa: ARG002 Django's signature
        """Return what is left: the scan."""
        return ScannedFile(self.file_name, self.scan)
