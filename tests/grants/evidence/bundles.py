"""A bundle taken apart, changed, signed again and checked, in this process and in one of its own."""

import base64
import importlib.util
import io
import json
import subprocess
import sys
import zipfile

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from grants.evidence.archive import Archive, Member
from tests.support.rig import ROOT
from vetting_portal.canonical import canonical_json, sha256_hex

TOOL = ROOT / "tools" / "verify_bundle.py"


def _load():
    spec = importlib.util.spec_from_file_location("verify_bundle", TOOL)
    module = importlib.util.module_from_spec(spec)
    sys.modules["verify_bundle"] = module  # its dataclasses look it up
    spec.loader.exec_module(module)
    return module


tool = _load()


def unpack(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pack(files):
    archive = Archive()
    return b"".join(x for name, content in files.items() for x in archive.add(Member(name, content))) + archive.end()


def found(files, *pins):
    """Return what does not hold of the files of a bundle, and whether all of it does."""
    report = tool.verify(tool.Bundle(dict(files)), list(pins))
    return [text for text, ok in report.checks if not ok], report.ok


def run(path, *options, encoding="utf8"):
    """Run the verifier as an auditor does: in a process that knows no portal and looks nowhere else."""
    start = f"import sys, runpy; sys.stdout.reconfigure(encoding={encoding!r}); sys.argv = sys.argv[1:]; "
    start += "runpy.run_path(sys.argv[0], run_name='__main__')"
    return subprocess.run(
        [sys.executable, "-I", "-X", "utf8", "-c", start, TOOL, path, *options],
        capture_output=True, text=True, check=False, cwd="/", env={"PATH": "/usr/bin"},
    )  # fmt: skip


def fingerprint(files):
    """The fingerprint of the key that signed a bundle."""
    return sha256_hex(bytes.fromhex(json.loads(files["manifest-signature.json"])["public_key"]))


def listed_again(files):
    """Return the files with a manifest that names them as they are now; its signature stays."""
    manifest = json.loads(files["manifest.json"])
    manifest["files"] = [
        {"path": name, "sha256": sha256_hex(content), "size": len(content)}
        for name, content in sorted(files.items())
        if not name.startswith("manifest")
    ]
    return {**files, "manifest.json": tool.readable(manifest)}


def signed_again(files, key=None):
    """Return the files with manifest and checkpoint signed by a key of somebody else."""
    key = key or Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    stated = json.loads(files["audit/checkpoint.json"])
    body = {name: stated[name] for name in ("seq", "hash", "at")}
    signature, checkpoint = key.sign(canonical_json(body)), dict(body)
    checkpoint["public_key"], checkpoint["signature"] = (base64.b64encode(x).decode() for x in (public, signature))
    files = listed_again({**files, "audit/checkpoint.json": tool.readable(checkpoint)})
    said = {
        "format": tool.FORMAT, "grant": json.loads(files["manifest.json"])["grant"],
        "manifest_sha256": sha256_hex(files["manifest.json"]),
    }  # fmt: skip
    given = {"public_key": public.hex(), "signature": key.sign(canonical_json(said)).hex(), "algorithm": "Ed25519"}
    return {**files, "manifest-signature.json": tool.readable({**said, **given})}


def edited(files, path, change):
    """Return the files with one of JSON changed by ``change``."""
    value = json.loads(files[path])
    change(value)
    canonical = path.endswith(("/terms.json", "/statement.json", "/brief.json"))
    return {**files, path: canonical_json(value) if canonical else tool.readable(value)}
