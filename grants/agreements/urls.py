"""The addresses of grants, signatures and verification."""

from django.urls import path
from django.urls.resolvers import URLPattern

from grants.agreements.views import asking, briefing, grants, outlook, previewing, sharing, signing, verifying

urlpatterns: list[URLPattern] = [
    path("grants/", grants.GrantListView.as_view(), name="list"),
    path("grants/signed/", grants.SignedView.as_view(), name="signed"),
    path("grants/signing-policy/", asking.PolicyView.as_view(), name="signing_policy"),
    path("grants/absences/", asking.AbsencesView.as_view(), name="absences"),
    path("grants/absences/<int:pk>/end/", asking.AbsenceEndView.as_view(), name="absence_end"),
    path("grants/draft/<str:number>/", grants.GrantDraftView.as_view(), name="draft"),
    path("grants/<str:number>/change/", grants.GrantChangeView.as_view(), name="change"),
    path("grants/<str:number>/match-funds/", sharing.FundSharesView.as_view(), name="fund_shares"),
    path("grants/<str:number>/outlook/", outlook.OutlookView.as_view(), name="outlook"),
    path("grants/<str:number>/freeze/", grants.FreezeView.as_view(), name="freeze"),
    path("grants/<str:number>/send-back/", grants.ReasonView.as_view(step="send_back"), name="send_back"),
    path("grants/<str:number>/decline/", grants.ReasonView.as_view(step="decline"), name="decline"),
    path("grants/<str:number>/lapse/", grants.ReasonView.as_view(step="lapse"), name="lapse"),
    path("grants/<str:number>/resume/", grants.ResumeView.as_view(), name="resume"),
    path("grants/<str:number>/revoke/", grants.ReasonView.as_view(step="revoke"), name="revoke"),
    path("grants/<str:number>/declare/", signing.DeclareView.as_view(), name="declare"),
    path("grants/<str:number>/brief/", briefing.BriefView.as_view(), name="brief"),
    path("grants/<str:number>/brief.pdf", briefing.BriefFileView.as_view(), name="brief_file"),
    path("grants/<str:number>/sign/begin/", signing.BeginView.as_view(), name="sign_begin"),
    path("grants/<str:number>/sign/", signing.SignView.as_view(), name="sign"),
    path("grants/<str:number>/agreement.pdf", grants.AgreementFileView.as_view(), name="agreement_file"),
    path(
        "grants/<str:number>/statement.pdf",
        grants.AgreementFileView.as_view(document="statement"),
        name="statement_file",
    ),
    path(
        "grants/<str:number>/completion.pdf",
        grants.AgreementFileView.as_view(document="completion_letter"),
        name="completion_file",
    ),
    path(
        "partner/agreement/<str:number>/sign/begin/", signing.CountersignBeginView.as_view(), name="countersign_begin"
    ),
    path("partner/agreement/<str:number>/sign/", signing.CountersignView.as_view(), name="countersign"),
    path("wordings/<slug:name>/preview/", previewing.PreviewView.as_view(), name="wording_preview"),
    path(
        "wordings/<slug:name>/preview/<str:grant>.pdf",
        previewing.PreviewFileView.as_view(),
        name="wording_preview_file",
    ),
    path("verify/", verifying.VerifyView.as_view(), name="verify"),
    path("verify/<str:sha256>/", verifying.VerifyRecordView.as_view(), name="verify_record"),
]
