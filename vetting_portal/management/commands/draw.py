"""Write the documents that are drawn from the code."""

from typing import Any

from django.conf import settings

from vetting_portal.commands import PortalCommand
from vetting_portal.drawing import permissions_page, states_page

PAGES = {"states.md": states_page, "permissions.md": permissions_page}


class Command(PortalCommand):
    """For developers: after a transition or a permission changed."""

    help = "Write docs/states.md and docs/permissions.md from the code."
    counts_days = False

    def run(self, *args: Any, **options: Any) -> int:
        """Write each page."""
        for name, page in PAGES.items():
            (settings.BASE_DIR / "docs" / name).write_text(page())
            self.stdout.write(f"docs/{name}")
        return 0
