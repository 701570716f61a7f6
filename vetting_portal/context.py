"""What every template knows: the funder, who looks, in which role, and the bar."""

from typing import Any

from django.http import HttpRequest

from vetting_portal.accounts.passkeys import is_at_name, named_address
from vetting_portal.models import Funder, User
from vetting_portal.navigation import role_words, search_for, sections_for


def portal(request: HttpRequest) -> dict[str, Any]:
    """Return ``funder``, ``search_url`` (of staff), ``viewer_roles`` (words), ``nav`` (the sections, the current one
    marked), ``subnav`` (the pages of that section), and whether passkeys work at this address, else at which
    (``passkeys_here``, ``passkeys_at``).
    """
    user = getattr(request, "user", None)
    viewer = user if isinstance(user, User) else None
    sections = sections_for(viewer) if viewer else []
    items = [item for section in sections for item in section.items]
    current = max(
        (item for item in items if request.path.startswith(item.url)),
        key=lambda item: len(item.url),
        default=None,
    )
    here = next((section for section in sections if current in section.items), None)
    return {
        "funder": request.funder if hasattr(request, "funder") else Funder.objects.current_or_none(),
        "search_url": search_for(viewer) if viewer else "",
        "viewer_roles": role_words(viewer) if viewer else "",
        "passkeys_here": is_at_name(request),
        "passkeys_at": named_address(request),
        "nav": [{"label": one.label, "url": one.url, "current": one is here} for one in sections],
        "subnav": [
            {"label": item.label, "url": item.url, "current": item is current and item.url == request.path}
            for item in (here.items if here and len(here.items) > 1 else ())
        ],
    }
