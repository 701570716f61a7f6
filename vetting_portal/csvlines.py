"""Lines of CSV that are sent as they are written, and cells that a spreadsheet cannot be tricked with."""

FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # the last four are wide


class Echo:
    """Hands each written line on instead of keeping it."""

    def write(self, line: str) -> str:
        """Return the line."""
        return line


def plain_text(value: str) -> str:
    """Return ``value`` so that a spreadsheet shows it and never runs it: an apostrophe before what begins a formula."""
    begins = value.startswith(FORMULAS) or value.lstrip().startswith(FORMULAS)
    return f"'{value}" if begins else value
