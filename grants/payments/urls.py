"""The addresses of the ledger, payments and bank statements."""

from django.urls import path
from django.urls.resolvers import URLPattern

from grants.payments.views import arrivals, banking, ledger, payments

urlpatterns: list[URLPattern] = [
    path("finance/", ledger.FinanceView.as_view(), name="finance"),
    path("finance/payments/", banking.ToPayView.as_view(), name="to_pay"),
    path("finance/payments/file/", banking.MakeFileView.as_view(), name="payment_file_make"),
    path("finance/files/<int:pk>/", banking.FileView.as_view(), name="payment_file"),
    path("finance/files/<int:pk>/download/", banking.DownloadView.as_view(), name="payment_file_download"),
    path("finance/statements/", banking.StatementsView.as_view(), name="bank_statements"),
    path("finance/statements/new/", banking.UploadView.as_view(), name="bank_statement_new"),
    path("finance/statements/<int:pk>/", banking.StatementView.as_view(), name="bank_statement"),
    path("finance/lines/<int:pk>/", banking.LineView.as_view(), name="bank_line"),
    path("grants/<str:number>/ledger/", ledger.LedgerView.as_view(), name="ledger"),
    path("grants/<str:number>/campaign/open/", ledger.OpenView.as_view(), name="campaign_open"),
    path("grants/<str:number>/payments/", payments.PaymentsView.as_view(), name="payments"),
    path("payments/<int:pk>/release/", payments.ReleaseView.as_view(), name="payment_release"),
    path("payments/<int:pk>/paid/", payments.PaidView.as_view(), name="payment_paid"),
    path("payments/<int:pk>/returned/", payments.BounceView.as_view(), name="payment_bounce"),
    path("payments/<int:pk>/hold/", payments.HoldView.as_view(), name="payment_hold"),
    path("payments/<int:pk>/resume/", payments.ResumeView.as_view(), name="payment_resume"),
    path("payments/<int:pk>/cancel/", payments.CancelView.as_view(), name="payment_cancel"),
    path("payments/<int:pk>/arrival/", arrivals.ArrivalView.as_view(), name="payment_arrival"),
    path("payments/<int:pk>/arrival/confirm/", arrivals.ConfirmView.as_view(), name="payment_confirm"),
    path("payments/<int:pk>/arrival/missing/", arrivals.MissingView.as_view(), name="payment_missing"),
    path("payments/<int:pk>/arrival/answer/", arrivals.AnswerView.as_view(), name="payment_missing_answer"),
    path("partner/payments/", payments.PartnerPaymentsView.as_view(), name="partner_payments"),
]
