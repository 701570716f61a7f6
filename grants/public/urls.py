"""The addresses of the public pages, of receipts, and of what other sites show."""

from django.urls import path
from django.urls.resolvers import URLPattern

from grants.public.views import campaigns, elsewhere, receipts

urlpatterns: list[URLPattern] = [
    path("", campaigns.FrontView.as_view(), name="front"),
    path("campaign/<slug:slug>/", campaigns.CampaignView.as_view(), name="campaign"),
    path("campaign/<slug:slug>.json", elsewhere.CampaignJsonView.as_view(), name="campaign_json"),
    path("campaign/<slug:slug>/card.png", elsewhere.CardView.as_view(), name="campaign_card"),
    path("campaign/<slug:slug>/statement.json", elsewhere.StatementJsonView.as_view(), name="campaign_statement"),
    path("campaign/<slug:slug>/widget/", elsewhere.WidgetView.as_view(), name="campaign_widget"),
    path("campaign/<slug:slug>/receipt/", receipts.AskView.as_view(), name="receipt_ask"),
    path("widget.js", elsewhere.WidgetScriptView.as_view(), name="widget_script"),
    path("verify_receipt.py", elsewhere.ReceiptProgramView.as_view(), name="receipt_program"),
    path("receipt/<str:token>/", receipts.ReceiptView.as_view(), name="receipt"),
    path("receipt/<str:token>/proof/", receipts.ProofView.as_view(), name="receipt_proof"),
    path("receipt/<str:token>/receipt.json", receipts.ReceiptJsonView.as_view(), name="receipt_json"),
    path("gifts/<int:pk>/receipt/", receipts.LinksView.as_view(), name="receipt_links"),
    path("gifts/<int:pk>/receipt/send/", receipts.SendView.as_view(), name="receipt_send"),
    path("gifts/<int:pk>/receipt/revoke/", receipts.RevokeView.as_view(), name="receipt_revoke"),
]
