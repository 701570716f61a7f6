"""Where passkeys work: at the portal's name, the relying party; never at a bare address of a machine."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest


def relying_party() -> str:
    """Return the name that passkeys are bound to: the host of PUBLIC_URL."""
    return urlsplit(settings.PUBLIC_URL).hostname or "localhost"


def origin_of(request: HttpRequest) -> str:
    """Return the origin at which this very request was received; its host is one of ALLOWED_HOSTS."""
    return f"{request.scheme}://{request.get_host()}"


def is_at_name(request: HttpRequest) -> bool:
    """Whether the request came to the relying party's name, or to a name below it."""
    host, name = urlsplit(origin_of(request)).hostname or "", relying_party()
    return not _is_address(name) and (host == name or host.endswith(f".{name}"))


def named_address(request: HttpRequest) -> str:
    """Return where this page opens under the name that passkeys need; empty where it was opened there already."""
    if is_at_name(request) or _is_address(relying_party()):
        return ""
    here = urlsplit(origin_of(request))
    if _is_address(here.hostname or "") and relying_party() == "localhost":
        port = f":{here.port}" if here.port else ""
        return f"{here.scheme}://localhost{port}{request.get_full_path()}"
    return f"{settings.PUBLIC_URL}{request.get_full_path()}"


def _is_address(host: str) -> bool:
    """Whether a host is an IP address and no name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
