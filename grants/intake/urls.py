"""The addresses of intake."""

from django.urls import path
from django.urls.resolvers import URLPattern

from grants.intake.views import closing, gifts, imports, stripe

urlpatterns: list[URLPattern] = [
    path("hooks/stripe/", stripe.StripeHookView.as_view(), name="stripe_hook"),
    path("intake/", stripe.IntakeView.as_view(), name="intake"),
    path("intake/limit/", gifts.HandLimitView.as_view(), name="hand_limit"),
    path("stripe-events/<int:pk>/assign/", stripe.AssignView.as_view(), name="charge_assign"),
    path("grants/<str:number>/gifts/new/", gifts.GiftNewView.as_view(), name="gift_new"),
    path("grants/<str:number>/gifts/import/", imports.ImportNewView.as_view(), name="gifts_import"),
    path("grants/<str:number>/campaign/close/", closing.CloseView.as_view(), name="campaign_close"),
    path("imports/<int:pk>/", imports.ImportView.as_view(), name="gift_import"),
    path("imports/<int:pk>/columns/", imports.ColumnsView.as_view(), name="import_columns"),
    path("imports/<int:pk>/start/", imports.StartView.as_view(), name="import_start"),
    path("imports/<int:pk>/discard/", imports.DiscardView.as_view(), name="import_discard"),
    path("hand-gifts/<int:pk>/", gifts.HandGiftView.as_view(), name="hand_gift"),
    path("hand-gifts/<int:pk>/confirm/", gifts.ConfirmView.as_view(), name="hand_gift_confirm"),
    path("hand-gifts/<int:pk>/refuse/", gifts.RefuseView.as_view(), name="hand_gift_refuse"),
    path("gifts/<int:pk>/eligibility/", gifts.EligibilityView.as_view(), name="gift_eligibility"),
    path("donors/<int:pk>/forget/", gifts.ForgetView.as_view(), name="donor_forget"),
]
