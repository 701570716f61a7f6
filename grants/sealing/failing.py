"""What is raised when the seal or a timestamp cannot be made, in words for staff."""


class CouldNotSeal(Exception):
    """The key did not answer, or not as the certificate on record says. Nothing was written."""


class CouldNotTimestamp(Exception):
    """The timestamp server did not answer, or its answer cannot be relied on. Nothing was written."""
