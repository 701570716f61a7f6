"""The addresses of bank details."""

from django.urls import path
from django.urls.resolvers import URLPattern

from grants.banking import views

urlpatterns: list[URLPattern] = [
    path("finance/bank/", views.WaitingView.as_view(), name="bank_waiting"),
    path("organisations/<int:pk>/bank/", views.BankView.as_view(), name="bank"),
    path("organisations/<int:pk>/bank/enter/", views.EnterView.as_view(), name="bank_enter"),
    path("organisations/<int:pk>/bank/number/", views.NumberView.as_view(), name="bank_number"),
    path("bank/<int:pk>/call/", views.CallView.as_view(), name="bank_call"),
    path("bank/<int:pk>/letter/", views.LetterView.as_view(), name="bank_letter"),
    path("bank/<int:pk>/approve/", views.ApproveView.as_view(), name="bank_approve"),
    path("bank/<int:pk>/refuse/", views.RefuseView.as_view(), name="bank_refuse"),
    path("bank/<int:pk>/account/", views.AccountView.as_view(), name="bank_account"),
]
