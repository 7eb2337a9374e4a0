import pytest
from hypothesis import given
from hypothesis import strategies as st

from llma.rows import read_rows

CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), min_size=1, max_size=6)


def rows_of(tmp_path, content):
    path = tmp_path / "mine.csv"
    path.write_bytes(content.encode())
    return list(read_rows(path, "utf-8"))


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), max_size=5))
def test_lines_are_those_an_editor_would_show(tmp_path_factory, table):
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in [["a", "b"], *table]]
    rows = rows_of(tmp_path_factory.mktemp("rows"), "\n".join(quoted))
    assert [row.cells for row in rows[1:]] == table
    lines = [1]
    for row in quoted[:-1]:
        lines.append(lines[-1] + row.count("\n") + 1)
    assert [row.line for row in rows] == lines


def test_trouble_in_one_row_does_not_reach_the_next(tmp_path):
    rows = rows_of(tmp_path, 'a,b\n"x"y,1\nfine,2\n')
    assert [bool(row.trouble) for row in rows] == [False, True, False]
    assert rows[2].cells == ["fine", "2"]


@pytest.mark.parametrize("content", ['a;b\n"1;2";3\n', 'a\tb\n"1;2"\t3\n', "a,b\n1;2,3\n"])
def test_the_separator_is_read_off_the_header(tmp_path, content):
    assert rows_of(tmp_path, content)[1].cells == ["1;2", "3"]
