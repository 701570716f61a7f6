"""The addresses of the ledger and the reports."""

from django.urls import path
from django.urls.resolvers import URLPattern

from grants.payments.views import ledger, reports

urlpatterns: list[URLPattern] = [
    path("finance/", ledger.FinanceView.as_view(), name="finance"),
    path("grants/<str:number>/ledger/", ledger.LedgerView.as_view(), name="ledger"),
    path("grants/<str:number>/campaign/open/", ledger.OpenView.as_view(), name="campaign_open"),
    path("reports/", reports.ReportListView.as_view(), name="reports"),
    path("reports/<int:pk>/", reports.ReportView.as_view(), name="report"),
    path("reports/<int:pk>/accept/", reports.AcceptView.as_view(), name="report_accept"),
    path("reports/<int:pk>/send-back/", reports.SendBackView.as_view(), name="report_send_back"),
    path("partner/reports/", reports.PartnerReportListView.as_view(), name="partner_reports"),
]
