"""What the funder's people say of a version: accepted or not, verified, taken back."""

from typing import Any

from partners.vault.actions import recheck_document
from partners.vault.forms import AcceptForm, RejectForm, VerifyForm, WithdrawVerificationForm
from partners.vault.models import Document, Verification
from vetting_portal.views.base import ActionFormView, TransitionView
from vetting_portal.workflow import Refused, transition_blockers


class DocumentFormView(ActionFormView):
    """A judgement on one version of a paper."""

    model = Document

    def get_success_url(self) -> str:
        """Return to the paper."""
        return str(self.object.paper.get_absolute_url())


class RejectView(DocumentFormView):
    """Says why a paper is not accepted."""

    permission_required = "partners.reject_document"
    form_class = RejectForm
    template_name = "partners/vault/reject.html"
    success_message = "Not accepted. The partner is told why."


class AcceptView(DocumentFormView):
    """Takes a rejection back, or accepts a version again that gave way to a wrong one."""

    permission_required = "partners.accept_document"
    form_class = AcceptForm
    template_name = "partners/vault/accept.html"
    success_message = "The paper is accepted."

    def get_object(self, queryset: Any = None) -> Document:
        """Return the version. Raises Refused where it cannot be accepted now."""
        found: Document = super().get_object(queryset)
        if reasons := transition_blockers(found, "accept"):
            raise Refused(reasons, subject=found)
        return found


class VerifyView(DocumentFormView):
    """Writes down that a version was verified."""

    permission_required = "partners.verify_document"
    form_class = VerifyForm
    template_name = "partners/vault/verify.html"
    success_message = "Verified. It holds for every application that this version is evidence in."

    def get_object(self, queryset: Any = None) -> Document:
        """Return the version. Raises Refused where it is not accepted."""
        found: Document = super().get_object(queryset)
        if reasons := found.verify_blockers():
            raise Refused(reasons, subject=found)
        return found


class WithdrawVerificationView(ActionFormView):
    """Takes a verification back."""

    model = Verification
    permission_required = "partners.withdraw_verification"
    form_class = WithdrawVerificationForm
    template_name = "partners/vault/withdraw_verification.html"
    success_message = "Taken back. It no longer shows."

    def get_success_url(self) -> str:
        """Return to the paper."""
        return str(self.object.document.paper.get_absolute_url())


class RecheckView(TransitionView):
    """Has a file that could not be checked looked at again."""

    model = Document
    permission_required = "partners.recheck_document"
    action = recheck_document
    argument = "document"
    success_message = "The check runs again."

    def get_success_url(self, found: Document) -> str:
        """Return to the paper."""
        return found.paper.get_absolute_url()
