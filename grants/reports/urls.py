"""The addresses of reports."""

from django.urls import path
from django.urls.resolvers import URLPattern

from grants.reports import views

urlpatterns: list[URLPattern] = [
    path("reports/", views.ReportListView.as_view(), name="reports"),
    path("reports/<int:pk>/", views.ReportView.as_view(), name="report"),
    path("reports/<int:pk>/accept/", views.AcceptView.as_view(), name="report_accept"),
    path("reports/<int:pk>/send-back/", views.SendBackView.as_view(), name="report_send_back"),
    path("partner/reports/", views.PartnerReportListView.as_view(), name="partner_reports"),
]
