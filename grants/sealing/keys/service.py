"""A key in a key service (AWS KMS, or another that speaks its language), asked through boto3.

Address, region and credentials come the way boto3 finds them: AWS_ENDPOINT_URL_KMS, AWS_REGION, a role of the machine.
"""

from dataclasses import dataclass
from typing import Any

import boto3
from botocore.client import Config
from botocore.exceptions import BotoCoreError, ClientError
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from grants.sealing.certificates import PublicKey, fit
from grants.sealing.failing import CouldNotSeal

SECONDS = 10
MOST_BYTES = 4096  # what the service signs as it stands; a seal's message has some 400 bytes


@dataclass(frozen=True)
class ServiceKey:
    """One key of the service, by its number, its ARN or ``alias/name``."""

    key_id: str

    def _ask(self, call: str, **inputs: Any) -> dict[str, Any]:
        config = Config(connect_timeout=SECONDS, read_timeout=SECONDS, retries={"max_attempts": 1})
        try:
            answer: dict[str, Any] = getattr(boto3.client("kms", config=config), call)(KeyId=self.key_id, **inputs)
        except (BotoCoreError, ClientError) as error:
            message = f"The key service did not sign: {error}"
            raise CouldNotSeal(message) from error
        return answer

    def public_key(self) -> PublicKey:
        """Return its public half, as the service tells it."""
        answer = self._ask("get_public_key")
        if answer.get("KeyUsage") != "SIGN_VERIFY":
            raise CouldNotSeal("The key service has this key for another use than signing.")
        try:
            return fit(serialization.load_der_public_key(answer["PublicKey"]))
        except (KeyError, ValueError) as error:
            raise CouldNotSeal("The key service gave back no public key.") from error

    def sign(self, message: bytes) -> bytes:
        """Return its signature over the SHA-256 of ``message``, which the service takes itself."""
        kind = "RSASSA_PKCS1_V1_5_SHA_256" if isinstance(self.public_key(), rsa.RSAPublicKey) else "ECDSA_SHA_256"
        if len(message) > MOST_BYTES:
            raise CouldNotSeal("The key service signs no message of that length.")
        answer = self._ask("sign", Message=message, MessageType="RAW", SigningAlgorithm=kind)
        signature: bytes = answer.get("Signature", b"")
        return signature
