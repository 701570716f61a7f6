"""How accounts of the portal differ from the library's: mail goes through a task, secrets are encrypted at rest."""

import base64
import hashlib
import time
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest

from vetting_portal.accounts.passkeys import relying_party
from vetting_portal.mail import send_mail_task
from vetting_portal.models import Funder, User

SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
SIGNED_IN_AT = "signed_in_at"  # in the session, seconds since 1970; only where there was no second factor then


def has_second_factor(user: AbstractBaseUser) -> bool:
    """Whether an authenticator app or a passkey confirms the password of this account; recovery codes alone do not."""
    return Authenticator.objects.filter(user_id=user.pk, type__in=SECOND_FACTORS).exists()


class PortalAccountAdapter(DefaultAccountAdapter):
    """Accounts by e-mail address."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": "This account is closed. Write to the funder if you think that is wrong.",
        "cannot_remove_primary_email": "This is your main address. Make another one the main address first.",
        "duplicate_email": "You have added this address already.",
        "email_password_mismatch": "Address and password do not fit together. Look at both, or choose a new password.",
        "enter_current_password": "This is not your password now. Type it again.",
        "incorrect_code": "This code is not right. Look at it again, or ask for a new one.",
        "incorrect_password": "This is not your password. Type it again.",
        "max_email_addresses": "You cannot add more than %d addresses. Remove one first.",
        "too_many_login_attempts": "That was tried too often. Wait five minutes, then try again.",
        "unverified_primary_email": "Confirm this address first. Then you can make it the main one.",
        "rate_limited": "That was too often in a short time. Wait a little, then try again.",
    }

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Hand the message to a task: a mail server that is down loses nothing and stops nobody."""
        message = self.render_mail(template_prefix, email, context)
        send_mail_task.enqueue(email, message.subject, message.body)

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 the library's signature
        """Let anybody sign up: a partner begins that way. Staff roles come by invitation only."""
        return True

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """Sign in, and note when, where the password alone was enough."""
        super().login(request, user)
        if not has_second_factor(user):
            request.session[SIGNED_IN_AT] = time.time()

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Spare new staff the password they gave a moment ago, while they set their first second factor up.

        Nothing else opens to them before. It holds for ACCOUNT_REAUTHENTICATION_TIMEOUT from signing in, in that
        session only; afterwards, for partners, and for every other change of an account the password is asked for.
        """
        user, given_at = self.request.user, self.request.session.get(SIGNED_IN_AT)
        if app == "allauth.mfa" and given_at and isinstance(user, User) and user.is_staff_member:
            return bool(time.time() - given_at >= app_settings.REAUTHENTICATION_TIMEOUT)
        return bool(super().is_reauthentication_required(app=app, **kwargs))


class PortalMFAAdapter(DefaultMFAAdapter):
    """Second factors."""

    def _box(self) -> Fernet:
        key = hashlib.sha256(b"second-factor-secrets" + settings.SECRET_KEY.encode()).digest()
        return Fernet(base64.urlsafe_b64encode(key))

    def encrypt(self, text: str) -> str:
        """Return the secret as it is kept."""
        return self._box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return the secret as it is used."""
        return self._box().decrypt(encrypted_text.encode()).decode()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Return the relying party by name: the host of PUBLIC_URL, whatever host a request names."""
        funder = Funder.objects.current_or_none()
        return {"id": relying_party(), "name": funder.name if funder else "Vetting portal"}

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:  # noqa: A002 the library's signature
        """Return a name for a new passkey that its owner did not name: ``Passkey``, ``Passkey 2`` …"""
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return "Passkey" if number == 1 else f"Passkey {number}"
