"""What every template knows: the funder, who looks, in which role, and the bar."""

from typing import Any

from django.http import HttpRequest

from vetting_portal.accounts.passkeys import is_at_name, named_address
from vetting_portal.models import Funder, User
from vetting_portal.navigation import nav_for, role_words


def portal(request: HttpRequest) -> dict[str, Any]:
    """Return ``funder``, ``viewer_roles`` (words), ``nav`` (links, the current one marked), and whether passkeys work
    at this address, else at which (``passkeys_here``, ``passkeys_at``).
    """
    user = getattr(request, "user", None)
    viewer = user if isinstance(user, User) else None
    items = nav_for(viewer) if viewer else []
    current = max(
        (item for item in items if request.path.startswith(item.url)),
        key=lambda item: len(item.url),
        default=None,
    )
    return {
        "funder": request.funder if hasattr(request, "funder") else Funder.objects.current_or_none(),
        "viewer_roles": role_words(viewer) if viewer else "",
        "passkeys_here": is_at_name(request),
        "passkeys_at": named_address(request),
        "nav": [{"label": item.label, "url": item.url, "current": item is current} for item in items],
    }
