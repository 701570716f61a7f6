"""With the same versions the same terms give the same bytes: in another process, on another day, in another zone."""

import json
import os
import subprocess
import sys

import pytest

from grants.agreements.documents import agreement_html
from grants.agreements.rendering import Attached, render
from grants.agreements.terms import terms_hash
from tests.grants.agreements.paper.scripts import SCRIPTS
from tests.grants.agreements.paper.sheets import content_of
from tests.support.rig import ROOT
from vetting_portal.canonical import canonical_json, sha256_hex

CHILD = """
import hashlib, json, sys
import time_machine
from grants.agreements.press.setting import set_pdf
from grants.agreements.press.sheets import Attached
asked = json.load(sys.stdin)
with time_machine.travel(asked["now"], tick=False):
    for number in range(asked["before"]):
        set_pdf(asked["html"].replace("Grant agreement", "Another"))
    made = set_pdf(asked["html"], attachments=[Attached("terms.json", asked["terms"].encode(), "The terms")])
print(hashlib.sha256(made.content).hexdigest())
"""
DAYS = [
    {"now": "2026-12-31T23:59:59+00:00", "zone": "America/Los_Angeles", "seed": "1", "before": 0, "locale": "C.UTF-8"},
    {"now": "2031-03-01T02:00:00+00:00", "zone": "Asia/Kathmandu", "seed": "4711", "before": 1, "locale": "C"},
]


@pytest.mark.django_db
def test_the_same_terms_give_the_same_bytes_in_another_process_on_another_day():
    content = content_of(signatory_name=SCRIPTS["Thai"][1])
    content["conditions"] = [text for texts in SCRIPTS.values() for text in texts]
    html, terms = agreement_html(content, terms_hash(content)), canonical_json(content).decode()
    children = [
        subprocess.Popen(
            [sys.executable, "-c", CHILD],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
            env={"PATH": os.defpath, "TZ": day["zone"], "PYTHONHASHSEED": day["seed"], "LC_ALL": day["locale"]},
        )
        for day in DAYS
    ]  # fmt: skip
    asked = [json.dumps({"html": html, "terms": terms, "now": day["now"], "before": day["before"]}) for day in DAYS]
    hashes = [child.communicate(text)[0].strip() for child, text in zip(children, asked, strict=True)]
    assert [child.returncode for child in children] == [0, 0]
    from_here = render(html, attachments=[Attached("terms.json", terms.encode(), "The terms")]).content
    assert hashes == [sha256_hex(from_here)] * 2
