"""What benchmarks share: the machine in words, the median of some calls, and a file of results.

A file of results is JSON: the benchmark, the date, the machine, and tables. A table has a title and rows, and
a row is a mapping from column names to numbers or words. The page "What takes how long" is made from these
files.
"""

from __future__ import annotations

import datetime
import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).resolve().parents[1] / "results"


def processor() -> str:
    """Return the name of the processor, and its widest vector instructions where they are known."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    facts = dict(line.split(":", 1) for line in lines if ":" in line)
    facts = {key.strip(): value.strip() for key, value in facts.items()}
    name = facts.get("model name", platform.machine())
    wide = [flag for flag in ("avx512f", "avx2", "asimd") if flag in facts.get("flags", "").split()]
    return f"{name} ({wide[0]})" if wide else name


def machine(*packages: str) -> dict[str, Any]:
    """Return the machine and the versions of the packages that matter."""
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "threads": int(os.environ.get("OMP_NUM_THREADS", "0")),
        "python": platform.python_version(),
        **{package: metadata.version(package) for package in packages},
    }


def cpu_seconds(function: Callable[[], object], repeats: int) -> float:
    """Return the median CPU time of a call, after one call to warm up."""
    function()
    times = []
    for _ in range(repeats):
        start = time.process_time()
        function()
        times.append(time.process_time() - start)
    return statistics.median(times)


@dataclass
class Report:
    """Results as they come in."""

    benchmark: str
    clock: str
    machine: dict[str, Any]
    date: str = field(default_factory=lambda: datetime.datetime.now(datetime.UTC).date().isoformat())
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, table: str, **row: Any) -> None:
        """Put a row into a table."""
        self.tables.setdefault(table, []).append(row)

    def head(self) -> str:
        """Return date, machine and clock in words."""
        facts = ", ".join(f"{key} {value}" for key, value in self.machine.items())
        return f"{self.benchmark}, {self.date}\n{facts}\ntime: {self.clock}"

    def write(self, path: Path | None) -> None:
        """Write the results, numbers to four digits; None writes nothing."""
        if path is None:
            return

        def short(value: Any) -> Any:
            return float(f"{value:.4g}") if isinstance(value, float) else value

        tables = {
            title: [{key: short(value) for key, value in row.items()} for row in rows]
            for title, rows in self.tables.items()
        }
        facts = {
            "benchmark": self.benchmark,
            "date": self.date,
            "clock": self.clock,
            "machine": self.machine,
            "tables": tables,
        }
        path.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


def read(name: str) -> dict[str, Any]:
    """Return the results that are kept under a name."""
    found: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
    return found
