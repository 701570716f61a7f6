"""Receives uploaded files: straight to disk, in bounded memory, and no further than the largest file allowed."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from vetting_portal.inspection.policy import MAX_BYTES

KEPT_BYTES = MAX_BYTES + 1_000_000
"""What is written of one file: enough to see that it is too large, no more."""

REQUEST_BYTES = 4 * MAX_BYTES
"""Where a whole request is cut off. Up to here the form can still answer with the reason next to the field."""


class LimitedUploadHandler(TemporaryFileUploadHandler):
    """Writes each file of a request to a temporary file and stops writing where it is too large anyway.

    A file that is too large arrives cut, but with its true size, so that the form refuses it in words and keeps
    the other fields. A request past ``REQUEST_BYTES`` is ended at once with RequestDataTooBig.
    """

    received = 0
    of_this_file = 0

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
        """Begin a file; the count of its bytes begins again."""
        self.of_this_file = 0
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, _: int) -> None:
        """Write what is within the limit, count the rest, and end a request that never stops."""
        self.received += len(raw_data)
        if self.received > REQUEST_BYTES:
            self.file.close()
            raise RequestDataTooBig("This request is too large.")
        room = max(0, KEPT_BYTES - self.of_this_file)
        self.of_this_file += len(raw_data)
        self.file.write(raw_data[:room] if room < len(raw_data) else raw_data)
