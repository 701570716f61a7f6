"""The addresses of the public pages and the ledger."""

from django.urls import path
from django.urls.resolvers import URLPattern

from grants.payments.views import ledger, public

urlpatterns: list[URLPattern] = [
    path("", public.FrontView.as_view(), name="front"),
    path("campaign/<slug:slug>/", public.CampaignView.as_view(), name="campaign"),
    path("finance/", ledger.FinanceView.as_view(), name="finance"),
    path("grants/<str:number>/ledger/", ledger.LedgerView.as_view(), name="ledger"),
    path("grants/<str:number>/campaign/open/", ledger.OpenView.as_view(), name="campaign_open"),
]
