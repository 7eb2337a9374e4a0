"""What the tests of every chapter do alike: run a notebook's exercises, evaluate an explorer on its grid.

    class TestExercises(exercises.Exercises):
        slug = "cascades"
        before = ("imports", "library-exact", ("search-run", "tenths ="))
        right = (("law", LAW), ("prior", "kappa = 30"))
        wrong = (("law", LAW.replace("p *", "0.5 *"), "agent 2"), ("prior", "kappa = 60", "in a cascade"))

pytest collects four tests of it: the exercises of the notebook are those of `right` and of `wrong`;
unfinished ones ask to be finished; right answers pass; wrong answers are told why. An exercise is named after
its check, the cell ``exercise-<name>-check``; its own cells are ``exercise-<name>`` and
``exercise-<name>-...``. They run before each answer, as for a reader.
"""

import contextlib
import functools
import io
import itertools
import json

import pytest

from llma import pages
from tests.book.passages import ROOT, cell


def run(slug, identity, namespace, until=None):
    """Run one cell of a notebook, up to a piece of its text if one is given; return what it prints."""
    source = cell(slug, identity)
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(source if until is None else source[: source.index(until)], namespace)
    return said.getvalue()


def workspace(slug, *cells):
    """Return the names that these cells leave; a pair ``(identity, text)`` stops before the text."""
    namespace = {}
    for entry in cells:
        identity, until = (entry, None) if isinstance(entry, str) else entry
        run(slug, identity, namespace, until)
    return namespace


_workspace_once = functools.cache(workspace)


def own_cells(slug):
    """Return the exercises of a notebook: name to the cells that the reader fills in, in order."""
    book = json.loads((ROOT / "notebooks" / f"{slug}.ipynb").read_text())
    code = [c["id"] for c in book["cells"] if c["cell_type"] == "code" and c["id"].startswith("exercise-")]
    names = [i.removeprefix("exercise-").removesuffix("-check") for i in code if i.endswith("-check")]
    return {
        name: [i for i in code if f"{i}-".startswith(f"exercise-{name}-") and not i.endswith("-check")]
        for name in names
    }


class Exercises:
    """The exercises of one notebook; a test module makes its `TestExercises` from it.

    Attributes
    ----------
    slug : str
        The chapter.
    before : tuple
        Cells that must have run, as for `workspace`.
    once : bool
        Run them once for all tests; only if nothing that they leave is changed by an exercise.
    right : tuple of (name, code)
        At least one for each exercise.
    wrong : tuple of (name, code, complaint)
        At least one for each exercise; the complaint is a pattern of what the check must say.
    """

    slug = ""
    before = ("imports",)
    once = False
    right = ()
    wrong = ()

    def prepare(self, namespace):
        """Set what the cells of `before` do not; a chapter may override it."""

    def pytest_generate_tests(self, metafunc):
        """Hand every exercise and every answer to its test."""
        for names, values in (
            (("exercise",), [(name,) for name in own_cells(self.slug)]),
            (("exercise", "answer"), self.right),
            (("exercise", "answer", "complaint"), self.wrong),
        ):
            if set(names) == set(metafunc.fixturenames) & {"exercise", "answer", "complaint"}:
                labels = [f"{value[0]}-{k}" for k, value in enumerate(values)]
                metafunc.parametrize(names, values, ids=labels)

    @pytest.fixture
    def notebook(self):
        """Return the names of the notebook, ready for an exercise."""
        prepared = _workspace_once if self.once else workspace
        namespace = dict(prepared(self.slug, *self.before))
        self.prepare(namespace)
        return namespace

    def check(self, exercise, answer, namespace):
        """Run the exercise's own cells, then an answer, then the check; return what the check prints."""
        for identity in own_cells(self.slug)[exercise]:
            run(self.slug, identity, namespace)
        exec(answer, namespace)
        return run(self.slug, f"exercise-{exercise}-check", namespace)

    def test_every_exercise_is_answered(self):
        names = set(own_cells(self.slug))
        assert names
        assert {name for name, _ in self.right} == names
        assert {name for name, _, _ in self.wrong} == names

    def test_an_unfinished_exercise_says_so(self, notebook, exercise):
        assert self.check(exercise, "", notebook) == "finish the cell above\n"

    def test_a_right_answer_passes(self, notebook, exercise, answer):
        assert "well done" in self.check(exercise, answer, notebook)

    def test_a_wrong_answer_is_told_why(self, notebook, exercise, answer, complaint):
        with pytest.raises(AssertionError, match=complaint):
            self.check(exercise, answer, notebook)


def evaluate_grid(explorer, every):
    """Evaluate an explorer at every so many settings of its grid: no failure, all tables of one shape."""
    shape = pages.shapes(explorer.evaluate(**explorer.start))
    for setting in itertools.islice(explorer.grid(), 0, None, every):
        assert pages.shapes(explorer.evaluate(**setting)) == shape, setting
