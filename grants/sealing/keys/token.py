"""A key in a token (PKCS#11). Its library is machine code of others, so it runs in a process of its own, which ends
with each answer and has a limit of time: neither a crash nor a hang of it reaches the worker.
"""

import json
import subprocess
import sys
from dataclasses import dataclass

from cryptography.hazmat.primitives import serialization
from django.conf import settings

from grants.sealing.certificates import PublicKey, fit
from grants.sealing.failing import CouldNotSeal
from grants.sealing.sources import TokenPlace

SECONDS = 20
PROGRAM = "grants.sealing.token_process"


@dataclass(frozen=True)
class TokenKey:
    """One key of one token."""

    place: TokenPlace
    pin: str

    def _ask(self, message: bytes | None) -> dict[str, str]:
        order = {
            "module": self.place.module,
            "token": self.place.token,
            "label": self.place.label,
            "pin": self.pin,
            "message": None if message is None else message.hex(),
        }
        try:
            done = subprocess.run(  # noqa: S603 our own program
                [sys.executable, "-m", PROGRAM],
                input=json.dumps(order),
                cwd=settings.BASE_DIR,
                capture_output=True,
                text=True,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            message_ = f"The token did not answer within {SECONDS} seconds."
            raise CouldNotSeal(message_) from None
        try:
            answer: dict[str, str] = json.loads(done.stdout)
        except ValueError:
            message_ = f"The token's library ended without an answer (code {done.returncode})."
            raise CouldNotSeal(message_) from None
        if "error" in answer:
            message_ = f"The token did not sign: {answer['error']}"
            raise CouldNotSeal(message_)
        return answer

    def public_key(self) -> PublicKey:
        """Return its public half, as the token tells it."""
        try:
            return fit(serialization.load_der_public_key(bytes.fromhex(self._ask(None)["public_key"])))
        except (KeyError, ValueError) as error:
            raise CouldNotSeal("The token gave back no public key.") from error

    def sign(self, message: bytes) -> bytes:
        """Return its signature over the SHA-256 of ``message``."""
        return bytes.fromhex(self._ask(message).get("signature", ""))
