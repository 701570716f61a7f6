"""The addresses of endings, and of the pages of a grant that tell how it ends."""

from django.urls import path
from django.urls.resolvers import URLPattern

from grants.endings.views import endings, signing

HERE = "grants/endings/<str:number>/"

urlpatterns: list[URLPattern] = [
    path("grants/<str:number>/", endings.GrantEndingView.as_view(), name="grant"),
    path("grants/<str:number>/suspend/", endings.SuspendView.as_view(), name="suspend"),
    path("grants/<str:number>/end/", endings.AskView.as_view(), name="end"),
    path("grants/<str:number>/complete/", endings.FinishView.as_view(), name="complete"),
    path("grants/<str:number>/close-file/", endings.CloseFileView.as_view(), name="close_file"),
    path("partner/agreement/<str:number>/", endings.PartnerEndingView.as_view(), name="partner_agreement"),
    path(HERE, endings.EndingView.as_view(), name="ending"),
    path(f"{HERE}decline/", endings.EndingReasonView.as_view(step="decline"), name="ending_decline"),
    path(f"{HERE}withdraw/", endings.EndingReasonView.as_view(step="withdraw"), name="ending_withdraw"),
    path(f"{HERE}sign/begin/", signing.EndingBeginView.as_view(), name="ending_sign_begin"),
    path(f"{HERE}sign/", signing.EndingSignView.as_view(), name="ending_sign"),
    path(f"{HERE}letter.pdf", endings.LetterView.as_view(), name="ending_letter"),
    path(f"{HERE}returned/", endings.ReturnView.as_view(), name="ending_returned"),
    path(f"{HERE}write-off/", endings.EndingReasonView.as_view(step="write_off"), name="ending_write_off"),
]
