"""What is asked of a whole life: every invariant, the trail, each sealed file, the evidence, the exports, the sums."""

import csv
import io
import json
import tempfile
from typing import Any

from django.core.management import CommandError, call_command

from grants.models import Amendment, Ending, Grant
from tests.grants.evidence import bundles
from tests.lives.life import Fault, Life
from tests.lives.people import CAST
from tests.lives.sums import judge_the_sums
from vetting_portal.actions import give_roles
from vetting_portal.models import User

GENUINE, REVOKED = 0, 3
READERS = ("officer", "director", "finance", "auditor")
COMPLETE = ("completed", "closed")
IN_FORCE = ("in_force", "completed", "closed", "terminated")


def command(*words: str, **options: Any) -> tuple[int, str]:
    """Run a command of ours; return how it ended and what it said."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command(*words, stdout=out, stderr=err, **options)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue() + err.getvalue()
    except CommandError as error:
        return getattr(error, "returncode", 2), out.getvalue() + str(error)
    return 0, out.getvalue() + err.getvalue()


def judge_the_end(life: Life) -> None:
    """Ask everything that must be true when a life ends. Raises Fault."""
    life.do_work({})
    for name in ("check_invariants", "verify_audit"):
        ended, said = command(name)
        if ended != 0:
            raise Fault(name, said.strip().splitlines()[-1][:80] if said.strip() else "", said)
    _give_roles_back()
    _files(life)
    _evidence(life)
    _exports(life)
    life.counts["figures"] += judge_the_sums(life)


def _give_roles_back() -> None:
    """Whoever reads files, evidence and exports at the end has their role again, if it was ended in this life."""
    for name in READERS:
        user = User.objects.get(email=CAST[name].email)
        give_roles(user=user, roles=[CAST[name].role], by=User.objects.system("lives"))


def _files(life: Life) -> None:
    """Each sealed file is genuine, as anybody would ask."""
    found = [f"/grants/{grant.number}/agreement.pdf" for grant in Grant.objects.filter(state__in=IN_FORCE)]
    done = [one for one in Grant.objects.filter(state__in=COMPLETE) if one.completion_letter]
    found += [f"/grants/{grant.number}/completion.pdf" for grant in done]
    found += [f"/grants/endings/{one.number}/letter.pdf" for one in Ending.objects.filter(state="carried_out")]
    found += [f"/grants/amendments/{one.number}/amendment.pdf" for one in Amendment.objects.filter(state="in_force")]

    for path in found:
        answer = life.people["officer"].open(path)
        if answer.status != 200:
            raise Fault("no sealed file", path.rpartition("/")[2], f"{path}: {answer.status}")
        with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
            file.write(answer.content)
            file.flush()
            ended, said = command("verify_agreement", file.name)
        if ended not in {GENUINE, REVOKED}:
            raise Fault("verify_agreement", path.rpartition("/")[2], f"{path}: {ended} {said}")


def _evidence(life: Life) -> None:
    """The evidence of each grant holds by the program that auditors have."""
    for grant in Grant.objects.filter(state__in=IN_FORCE):
        response, _ = life.people["auditor"].ask("post", f"/grants/{grant.number}/evidence/")
        if response.status_code != 200 or not response.streaming:
            raise Fault("no evidence", grant.state, f"{grant.number}: {response.status_code}")
        wrong, holds = bundles.found(bundles.unpack(response.read))
        if not holds:
            raise Fault("verify_bundle", wrong[0][:90] if wrong else "", "\n".join(wrong))


def _exports(life: Life) -> None:
    """Every table parses, each row as wide as its head; the standard's file is JSON."""
    finance = life.people["finance"]
    page = finance.open("/exports/").page
    for form in page.offers if page else ():
        if not form.to.startswith("/exports/"):
            continue
        response, _ = finance.ask("post", form.to)
        if response.status_code != 200:
            raise Fault("no export", form.to, str(response.status_code))
        text = response.read.decode("utf-8-sig")
        if form.to.endswith(".json"):
            _giving(json.loads(text))
        elif len({len(row) for row in csv.reader(io.StringIO(text))}) > 1:
            raise Fault("an export does not parse", form.to, text[:2000])


def _giving(package: dict[str, Any]) -> None:
    """The package of awarded grants names each one once, with its amount."""
    numbers = [one["id"] for one in package["grants"]]
    if len(numbers) != len(set(numbers)) or any(one["amountAwarded"] <= 0 for one in package["grants"]):
        raise Fault("360Giving", "grants", json.dumps(package)[:2000])
