"""Licences: one recorded, one withdrawn, its paper read."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.generic import View

from partners.organisations.models import Organisation
from partners.submissions.forms import LicenceForm, LicenceWithdrawForm
from partners.submissions.models import Licence
from vetting_portal.files import serve_stored
from vetting_portal.views.base import ActionFormView, PageMixin


class LicenceAddView(ActionFormView):
    """Records a licence."""

    model = Organisation
    permission_required = "partners.record_licence"
    form_class = LicenceForm
    template_name = "partners/submissions/licence.html"
    success_message = "The licence is recorded."

    def get_success_url(self) -> str:
        """Return to the organisation."""
        return f"{self.object.get_absolute_url()}#licences"


class LicenceWithdrawView(ActionFormView):
    """Withdraws a licence."""

    model = Licence
    form_class = LicenceWithdrawForm
    template_name = "partners/submissions/licence_withdraw.html"
    success_message = "The licence no longer counts."

    def get_object(self, queryset: Any = None) -> Any:
        """Return the licence to who records licences of its organisation."""
        return licence_for(super().get_object(queryset), self.request, "partners.record_licence")

    def get_success_url(self) -> str:
        """Return to the organisation."""
        return f"{self.object.organisation.get_absolute_url()}#licences"


class LicencePaperView(PageMixin, View):
    """Serves the licence itself."""

    model = Licence

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:  # noqa: ARG002 picked by get_object
        """Send the file. Raises Http404 where none was recorded."""
        licence = licence_for(self.get_object(), request, "partners.view_licences")
        if licence.paper is None:
            raise Http404
        return serve_stored(request, licence.paper, filename=licence.paper_name)


def licence_for(licence: Licence, request: HttpRequest, permission: str) -> Licence:
    """Return a licence to who has ``permission`` on its organisation. Raises PermissionDenied."""
    if not request.user.has_perm(permission, licence.organisation):
        raise PermissionDenied(permission)
    return licence
