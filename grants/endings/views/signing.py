"""The pages around the director's signature under a closing letter: the same as the agreement's, for another file."""

from grants.agreements.views.signing import BeginView, SignView
from grants.endings.forms import EndingSignForm
from grants.endings.models import Ending
from grants.endings.readiness import moved_since
from grants.endings.views.endings import EndingPage
from vetting_portal.workflow import Blocker, Refused


class EndingBeginView(EndingPage, BeginView):
    """Opens the challenge of one signature; POST only."""

    permission_required = "grants.sign_ending"
    back = "grants:ending"
    onward = "grants:ending_sign"


class EndingSignView(EndingPage, SignView):
    """Confirm it is you: the sentence, the box, the passkey or the code."""

    form_class = EndingSignForm
    template_name = "grants/endings/sign.html"
    permission_required = "grants.sign_ending"
    success_message = "Confirmed. The partner and everybody who signed are notified."
    signed = Ending
    back = "grants:ending"
    begin = "grants:ending_sign_begin"

    def _check_state(self) -> None:
        ending = self.object
        if ending.state != Ending.State.AWAITING_SIGNATURE:
            now, url = ending.get_state_display().lower(), ending.get_absolute_url()
            raise Refused(
                [Blocker(f"This request is {now}.", hint="It waits for no director.", url=url)], subject=ending
            )
        if reasons := [*ending.signing_blockers(self.request.user), *moved_since(ending)]:
            raise Refused(reasons, subject=ending)

    def get_success_url(self) -> str:
        """Return the page of the ending."""
        return str(self.object.get_absolute_url())
