"""The portal with one more page: the bare one, which lists fifty rows with one query for who is signed in."""

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path

from partners.models import Submission

ROWS = 50
PAGE = engines["django"].from_string(
    """<!doctype html><title>Fifty rows</title><p>{{ request.user.email }}</p><table>
{% for row in rows %}<tr><td>{{ row.number }}</td><td>{{ row.title }}</td><td>{{ row.state }}</td></tr>
{% endfor %}</table>"""
)


def floor(request: HttpRequest) -> HttpResponse:
    """Answer with the least that a signed-in list page can be."""
    return HttpResponse(PAGE.render({"rows": Submission.objects.order_by("waiting_since", "pk")[:ROWS]}, request))


urlpatterns = [path("floor/", floor), path("", include("vetting_portal.urls"))]
settings.ROOT_URLCONF = "bench.site"
application = get_wsgi_application()
