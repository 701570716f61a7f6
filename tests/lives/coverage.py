"""What the lives reached: transitions by source state and role, addresses, templates; and what they never did."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from tests.laws.addresses import patterns
from tests.laws.test_transition_matrix import ROWS
from tests.lives.people import CAST, ROLE_OF
from tests.support.rig import ROOT
from vetting_portal.models import User


class Coverage:
    """Counts, that can be added up over runs."""

    def __init__(self) -> None:
        self.moves: Counter[str] = Counter()
        self.answers: Counter[str] = Counter()
        self.templates: Counter[str] = Counter()
        self.lives = self.steps = self.requests = 0
        self.ways: dict[tuple, str] = {}  # where acts were found: pages, with marks for the record
        self._roles: dict[int, str] = {}
        self._many: Counter[tuple[str, str, str]] = Counter()

    def note_answer(self, person: str, method: str, name: str, response: Any, _seconds: float) -> None:
        """Count an answer, and the templates that it was made of."""
        self.answers[f"{method} {name} {ROLE_OF.get(person, person)} {response.status_code}"] += 1
        self._many[method, ROLE_OF.get(person, person), name] += 1
        self.requests += 1
        for template in {one.name for one in getattr(response, "templates", None) or () if one.name}:
            self.templates[template] += 1

    def many(self, method: str, person: str, name: str) -> int:
        """Return how often somebody of the person's role was answered at an address."""
        return self._many[method, ROLE_OF.get(person, person), name]

    def note_moves(self, moves: list[tuple]) -> None:
        """Count the transitions that the trail noted."""
        for subject, event, before, after, actor in moves:
            if before or after:
                kind = subject.partition(":")[0].rpartition(".")[2]
                self.moves[f"{kind}.{event} {before} {self._role(actor)}"] += 1

    def _role(self, actor: int) -> str:
        if actor not in self._roles:
            user = User.objects.filter(pk=actor).first()
            names = [ROLE_OF[name] for name, one in CAST.items() if user and one.email == user.email]
            self._roles[actor] = names[0] if names else "system"
        return self._roles[actor]

    def forget_people(self) -> None:
        """Forget who is who: the next life has another database."""
        self._roles.clear()

    # --- keeping and telling ----------------------------------------------------------------------

    def as_dict(self) -> dict[str, Any]:
        """Return the counts."""
        return {"moves": self.moves, "answers": self.answers, "templates": self.templates, "lives": self.lives,
                "steps": self.steps, "requests": self.requests}  # fmt: skip

    def add(self, told: dict[str, Any]) -> None:
        """Add the counts of another run."""
        for name in ("moves", "answers", "templates"):
            getattr(self, name).update(told[name])
        for name in ("lives", "steps", "requests"):
            setattr(self, name, getattr(self, name) + told[name])

    def write(self, path: Path) -> None:
        """Keep the counts."""
        path.write_text(json.dumps(self.as_dict(), indent=1, sort_keys=True))

    def missing(self) -> tuple[list[str], list[str], list[str]]:
        """Return the transitions (with source state and role), addresses and templates that no life reached."""
        wanted = {
            f"{move} {start} {who}"
            for move, row in ROWS.items()
            for start in row.start.split()
            for who in row.who.split()
        }
        reached = {one.split()[1] for one in self.answers}
        names = {name for name, _ in patterns()}
        folders = {str(path.relative_to(ROOT / "templates")) for path in (ROOT / "templates").rglob("*.html")}
        return (
            sorted(wanted - set(self.moves)),
            sorted(names - reached),
            sorted(one for one in folders - set(self.templates) if not one.startswith("cotton/")),
        )

    def report(self) -> str:
        """Return the table."""
        moves, names, templates = self.missing()
        wanted = sum(len(row.start.split()) * len(row.who.split()) for row in ROWS.values())
        everywhere = {name for name, _ in patterns()}
        lines = [
            f"{self.lives} lives, {self.steps} steps, {self.requests} requests",
            f"transitions × source states × roles: {wanted - len(moves)} of {wanted}",
            f"addresses: {len(everywhere) - len(names)} of {len(everywhere)}",
            f"never, and tried by hand in tests/laws/test_transition_matrix.py: {', '.join(moves)}" if moves else "",
            f"never, and tried by every role in tests/laws/test_url_matrix.py: {', '.join(names)}" if names else "",
            f"templates never reached: {', '.join(templates)}" if templates else "",
        ]
        return "\n".join(filter(None, lines))
