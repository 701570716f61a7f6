"""The addresses of amendments, and of the pages of a grant that tell its history."""

from django.urls import path
from django.urls.resolvers import URLPattern

from grants.amendments.views import amendments, grants, signing

HERE = "grants/amendments/<str:number>/"
OWN = "partner/amendment/<str:number>/"

urlpatterns: list[URLPattern] = [
    path("grants/<str:number>/seal/", grants.EverythingAgainView.as_view(), name="seal_again"),
    path("grants/<str:number>/amend/", amendments.AmendmentDraftView.as_view(), name="amend"),
    path(HERE, amendments.AmendmentView.as_view(), name="amendment"),
    path(f"{HERE}change/", amendments.AmendmentChangeView.as_view(), name="amendment_change"),
    path(f"{HERE}freeze/", amendments.AmendmentFreezeView.as_view(), name="amendment_freeze"),
    path(f"{HERE}send-back/", amendments.AmendmentReasonView.as_view(step="send_back"), name="amendment_send_back"),
    path(f"{HERE}withdraw/", amendments.AmendmentReasonView.as_view(step="withdraw"), name="amendment_withdraw"),
    path(f"{HERE}decline/", amendments.AmendmentReasonView.as_view(step="decline"), name="amendment_decline"),
    path(f"{HERE}lapse/", amendments.AmendmentReasonView.as_view(step="lapse"), name="amendment_lapse"),
    path(f"{HERE}sign/begin/", signing.AmendmentBeginView.as_view(), name="amendment_sign_begin"),
    path(f"{HERE}sign/", signing.AmendmentSignView.as_view(), name="amendment_sign"),
    path(f"{HERE}amendment.pdf", amendments.AmendmentFileView.as_view(), name="amendment_file"),
    path(OWN, signing.PartnerAmendmentView.as_view(), name="partner_amendment"),
    path(f"{OWN}sign/begin/", signing.AmendmentCountersignBeginView.as_view(), name="amendment_countersign_begin"),
    path(f"{OWN}sign/", signing.AmendmentCountersignView.as_view(), name="amendment_countersign"),
]
