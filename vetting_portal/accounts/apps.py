"""The app of accounts: signing in, second factors, and what is to do about a user's own account."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Signing in by e-mail and passkey."""

    name = "vetting_portal.accounts"
    verbose_name = "Accounts"
