"""The addresses of reports, of consents, and of what the public reads."""

from django.urls import path
from django.urls.resolvers import URLPattern

from grants.reports.views import consents, parts, public, reports

urlpatterns: list[URLPattern] = [
    path("reports/", reports.ReportListView.as_view(), name="reports"),
    path("reports/<int:pk>/", reports.ReportView.as_view(), name="report"),
    path("reports/<int:pk>/autosave/", reports.AutosaveView.as_view(), name="report_autosave"),
    path("reports/<int:pk>/accept/", reports.AcceptView.as_view(), name="report_accept"),
    path("reports/<int:pk>/send-back/", reports.SendBackView.as_view(), name="report_send_back"),
    path("reports/<int:pk>/publish/", reports.PublishView.as_view(), name="report_publish"),
    path("reports/<int:pk>/papers/", parts.PaperAddView.as_view(), name="report_papers"),
    path("reports/<int:pk>/papers/<int:part>/remove/", parts.PaperRemoveView.as_view(), name="report_paper_remove"),
    path("reports/<int:pk>/stories/", parts.StoryAddView.as_view(), name="report_story_add"),
    path("reports/<int:pk>/stories/<int:part>/", parts.StoryView.as_view(), name="report_story"),
    path("reports/<int:pk>/stories/<int:part>/remove/", parts.StoryRemoveView.as_view(), name="report_story_remove"),
    path("partner/reports/", reports.PartnerReportListView.as_view(), name="partner_reports"),
    path("grants/<str:number>/consents/", consents.ConsentListView.as_view(), name="consents"),
    path("grants/<str:number>/consents/new/", consents.ConsentNewView.as_view(), name="consent_new"),
    path("consents/<int:pk>/", consents.ConsentView.as_view(), name="consent"),
    path("consents/<int:pk>/withdraw/", consents.WithdrawView.as_view(), name="consent_withdraw"),
    path("campaign/<slug:slug>/report/<int:number>/", public.PublicReportView.as_view(), name="public_report"),
    path(
        "campaign/<slug:slug>/report/<int:number>/photo/<int:part>/",
        public.PublicPhotoView.as_view(),
        name="public_report_photo",
    ),
]
