"""Closing a campaign, with what is still on its way into it."""

from typing import Any

from grants.campaigns.views import pages
from grants.intake.arriving import arriving


class CloseView(pages.CloseView):
    """Close the campaign, after the page that says what happens and which gifts would lose their match."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the gifts that wait for a second person, and the files that are not recorded."""
        return super().get_context_data(arriving=arriving(self.object), **kwargs)
