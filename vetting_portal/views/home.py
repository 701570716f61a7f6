"""Where somebody arrives: home leads to the page of their role; the welcome page helps who has none yet."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from vetting_portal import samples
from vetting_portal.models import Funder
from vetting_portal.navigation import home_for
from vetting_portal.outbox import messages_written


def home(request: HttpRequest) -> HttpResponse:
    """Lead to the page that says what to do next."""
    return HttpResponseRedirect(home_for(request.user))


def welcome(request: HttpRequest) -> HttpResponse:
    """Greet somebody who has signed up and belongs to nothing yet."""
    return render(request, "portal/welcome.html")


@login_not_required
def mail(request: HttpRequest) -> HttpResponse:
    """Show the mail that an example installation wrote to files. Elsewhere there is no such page."""
    funder = Funder.objects.current_or_none()
    if funder is None or not funder.is_example:
        raise Http404
    return render(request, "portal/mail.html", {"messages_written": messages_written(request.GET.get("to", ""))})


def components(request: HttpRequest) -> HttpResponse:
    """Show every component of the pages, for who builds them."""
    return render(request, "portal/components.html", samples.components())
