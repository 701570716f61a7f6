"""Keys that an installation makes for itself at first use, each a file that only its owner can read."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path


def kept(path: Path, make: Callable[[], bytes]) -> bytes:
    """Return the bytes at ``path``; make them first where there are none (two processes that race agree on one)."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        scratch = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(make())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(scratch, path)
        except FileExistsError:
            pass
        finally:
            scratch.unlink()
    return path.read_bytes()


def secret_key(data_dir: Path) -> str:
    """Return the installation's Django secret key."""
    return kept(data_dir / "keys" / "secret_key", lambda: secrets.token_urlsafe(64).encode()).decode()
