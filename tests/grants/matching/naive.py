"""A slow second telling of the match rule, from its description alone: it shares no code with the portal."""

from datetime import datetime
from typing import Any


class Refusal(Exception):
    """The event changes nothing."""


class Naive:
    """Keeps plain lists and counts everything anew each time."""

    def __init__(self, campaign: dict[str, Any]) -> None:
        self.c = campaign
        self.cap = campaign["cap"]
        self.rows: list[dict[str, Any]] = []
        self.ids: dict[str, Any] = {}
        self.cases: dict[str, str] = {}
        self.wait: list[tuple[int, dict[str, Any]]] = []
        self.closed: str | None = None
        self.frozen: int | None = None
        self.errors: set[int] = set()

    def limit(self, row: dict[str, Any]) -> int:
        p, q = self.c["ratio"]
        base = row["gross"] - row["refunded"] - (row["fee"] if self.c["basis"] == "net" else 0)
        return max(0, base) * p // q

    def room(self, row: dict[str, Any]) -> int:
        """What the row could earn more by its own caps."""
        rooms = [self.limit(row) - row["matched"]]
        if "gift_cap" in self.c:
            rooms.append(self.c["gift_cap"] - row["matched"])
        if "donor_cap" in self.c:
            rooms.append(self.c["donor_cap"] - sum(r["matched"] for r in self.rows if r["donor"] == row["donor"]))
        return max(0, min(rooms))

    def is_timely(self, at: str | None) -> bool:
        if at is None or "start" not in self.c:
            return True
        start, moment, end = (datetime.fromisoformat(text) for text in (self.c["start"], at, self.c["end"]))
        return start <= moment < end

    def total(self) -> int:
        return sum(row["matched"] for row in self.rows)

    def row(self, key: str) -> dict[str, Any] | None:
        return next((row for row in self.rows if row["key"] == key), None)

    def play(self, number: int, event: dict[str, Any]) -> None:
        try:
            kind = next(k for k in ("gift", "refund", "dispute", "eligibility", "fee_of", "cap", "close") if k in event)
            getattr(self, f"on_{kind}")(number, event)
        except Refusal:
            self.errors.add(number)

    def on_gift(self, _number: int, event: dict[str, Any]) -> None:
        if event["gross"] <= 0 or event.get("fee", 0) < 0:
            raise Refusal
        if row := self.row(event["gift"]):
            again = {"donor": event["gift"], "fee": 0, "ineligible": "", **event}
            if again not in (row["event"], {**row["event"], "fee": row["fee"]}):
                raise Refusal
            return
        row = {
            "key": event["gift"], "donor": event.get("donor", event["gift"]), "gross": event["gross"],
            "fee": event.get("fee", 0), "refunded": 0, "matched": 0, "cases": {},
            "ok": not event.get("ineligible") and self.closed is None and self.is_timely(event.get("at")),
            "event": {"donor": event["gift"], "fee": 0, "ineligible": "", **event},
        }  # fmt: skip
        if row["ok"]:
            row["matched"] = min(self.room(row), self.cap - self.total())
        self.rows.append(row)
        mine = [item for item in self.wait if (item[1].get("refund") or item[1].get("dispute")) == row["key"]]
        self.wait = [item for item in self.wait if item not in mine]
        for number, waiting in mine:
            try:
                self.give_back(row, waiting) if "refund" in waiting else self.judge(row, waiting)
            except Refusal:
                self.errors.add(number)
                self.ids.pop(waiting.get("id"), None)

    def on_refund(self, number: int, event: dict[str, Any]) -> None:
        asked = event.get("amount", event.get("total"))
        if asked is not None and asked <= 0:
            raise Refusal
        if "id" in event and event["id"] in self.ids:
            if self.ids[event["id"]] != event:
                raise Refusal
            return
        if row := self.row(event["refund"]):
            self.give_back(row, event)
        else:
            self.wait.append((number, event))
        if "id" in event:
            self.ids[event["id"]] = event

    def give_back(self, row: dict[str, Any], event: dict[str, Any]) -> None:
        left = row["gross"] - row["refunded"]
        if "amount" in event:
            back = event["amount"]
        elif "total" in event:
            if event["total"] > row["gross"]:
                raise Refusal
            back = max(0, event["total"] - row["refunded"])
        else:
            back = left
        if back > left:
            raise Refusal
        self.lose(row, back)

    def on_eligibility(self, _number: int, event: dict[str, Any]) -> None:
        row = self.row(event["eligibility"])
        if row is None:
            raise Refusal
        if event.get("ineligible"):
            row["ok"] = False
            self.drop(row, 0)
        elif not row["ok"]:
            if self.closed:
                raise Refusal
            row["ok"] = True
            row["matched"] = min(self.room(row), self.cap - self.total())

    def on_fee_of(self, _number: int, event: dict[str, Any]) -> None:
        row = self.row(event["fee_of"])
        if row is None or row["fee"] not in {0, event["fee"]}:
            raise Refusal
        row["fee"] = event["fee"]
        self.drop(row, self.limit(row))

    def lose(self, row: dict[str, Any], back: int) -> None:
        row["refunded"] += back
        self.drop(row, self.limit(row))

    def drop(self, row: dict[str, Any], most: int) -> None:
        before = row["matched"]
        row["matched"] = min(before, most)
        free = before - row["matched"]
        if self.closed is None and self.c["refund_policy"] == "backfill":
            for other in self.rows:
                if other["ok"]:
                    gets = min(free, self.room(other))
                    other["matched"] += gets
                    free -= gets

    def on_dispute(self, number: int, event: dict[str, Any]) -> None:
        if self.cases.setdefault(event["id"], event["dispute"]) != event["dispute"]:
            raise Refusal
        if row := self.row(event["dispute"]):
            self.judge(row, event)
        else:
            self.wait.append((number, event))

    def judge(self, row: dict[str, Any], event: dict[str, Any]) -> None:
        if row["cases"].get(event["id"]) in {"won", "lost"}:
            return
        row["cases"][event["id"]] = event["status"]
        if event["status"] == "lost":
            self.lose(row, row["gross"] - row["refunded"])

    def on_cap(self, _number: int, event: dict[str, Any]) -> None:
        if event["cap"] < self.cap or (self.closed and event["cap"] != self.cap):
            raise Refusal
        self.cap = event["cap"]

    def on_close(self, _number: int, event: dict[str, Any]) -> None:
        if self.closed and self.closed != event["close"]:
            raise Refusal
        if not self.closed:
            self.closed, self.frozen = event["close"], self.total()

    def answer(self) -> dict[str, Any]:
        def risky(row: dict[str, Any]) -> bool:
            return "open" in row["cases"].values()

        gross = sum(r["gross"] - r["refunded"] for r in self.rows)
        fees = sum(r["fee"] for r in self.rows)
        answer: dict[str, Any] = {
            "gross": gross, "fees": fees, "net": gross - fees, "matched": self.total(),
            "available": self.cap - self.total(),
            "payable": sum(r["gross"] - r["fee"] - r["refunded"] + r["matched"] for r in self.rows if not risky(r)),
            "at_risk_match": sum(r["matched"] for r in self.rows if risky(r)),
            "gifts": [{k: r[k] for k in ("key", "gross", "fee", "refunded", "matched")} for r in self.rows],
            "errors": sorted(self.errors),
        }  # fmt: skip
        if self.closed:
            answer["statement"] = {"matched": self.frozen}
        return answer
