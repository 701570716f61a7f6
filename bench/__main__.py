"""Runs the benchmarks: a table on stdout, the same as JSON in DATA_DIR/bench.json; 1 when a bound is passed."""

import argparse
import sys
from collections.abc import Callable, Iterator

from django.core.management import call_command

from bench import RESULTS, agreement, gifts, intake, lists, public, screening, transition
from bench.rows import Row, table, write

PARTS: dict[str, Callable[[], Iterator[Row]]] = {
    "transition": transition.rows,
    "lists": lists.rows,
    "agreement": agreement.rows,
    "gifts": gifts.rows,
    "public": public.rows,
    "screening": screening.rows,
    "intake": intake.rows,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], default=[], help="all of them when none is named")
    chosen = parser.parse_args().parts or list(PARTS)
    call_command("migrate", verbosity=0)
    rows = [row for name in chosen for row in PARTS[name]()]
    print(table(rows))
    write(rows, RESULTS)
    print(f"\nAlso in {RESULTS}")
    return 0 if all(row.ok for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
