"""Pages are run before they are read: once each, in order, and a failure is still reported."""

import os
import subprocess
import sys

from tests.book.passages import ROOT

PAGE = """---
kernelspec: {{name: python3, display_name: Python 3}}
jupytext: {{text_representation: {{extension: .md, format_name: myst}}}}
---

# {title}

```{{code-cell}} python
with open("runs.txt", "a") as runs:
    print("{title}", file=runs)
print("{title} says", 6 * 7)
{more}
```
"""


def test_a_page_runs_once_and_a_failing_one_fails_the_build(tmp_path):
    for name, more in (("alpha", ""), ("beta", "1 / 0")):
        (tmp_path / f"{name}.md").write_text(PAGE.format(title=name, more=more))
    (tmp_path / "index.md").write_text("# Index\n\n```{toctree}\nbeta\nalpha\n```\n")
    (tmp_path / "conf.py").write_text(
        "extensions = ['myst_nb', 'book._ext.run_ahead']\n"
        "nb_execution_mode = 'cache'\n"
        "nb_execution_raise_on_error = True\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-b", "html", ".", "_build"],
        cwd=tmp_path,
        env=os.environ | {"JOBS": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert "cells: alpha.md ran in" in said
    assert "alpha.md: Using cached notebook" in said
    assert "cells: beta.md failed" in said
    assert "ZeroDivisionError" in said
    assert (tmp_path / "runs.txt").read_text().split() == ["alpha", "beta", "beta"]
