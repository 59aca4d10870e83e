"""One source gives the starter, the solution and every variant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.course.derive import (
    MarkerError,
    is_starter,
    placeholders,
    regions_of,
    solution_from,
    starter_from,
    variant_from,
)

SOURCE = '''"""A module."""


def double(x):
    """Return x twice."""
    # BEGIN SOLUTION
    return x + x
    # END SOLUTION


class Row:
    """A row."""

    # BEGIN SOLUTION
    size = 3
    # END SOLUTION
'''
lines = st.lists(st.text(alphabet="abc =()#", max_size=9), max_size=8)


def test_a_region_in_a_function_becomes_a_placeholder_that_raises():
    starter = starter_from(SOURCE, "double-it")
    assert '    raise NotImplementedError("double-it")' in starter
    assert "x + x" not in starter
    assert placeholders(starter, "double-it") == [6]


def test_a_region_elsewhere_becomes_a_comment_so_that_the_file_still_imports():
    starter = starter_from(SOURCE, "double-it")
    assert "    # TODO(double-it)" in starter
    exec(compile(starter, "starter", "exec"), {})


def test_sql_comments_mark_regions_too():
    assert starter_from("-- BEGIN SOLUTION\nSELECT 1\n-- END SOLUTION", "x").startswith(
        "-- TODO(x)"
    )


def test_a_solution_has_no_markers():
    assert "SOLUTION" not in solution_from(SOURCE)
    assert "x + x" in solution_from(SOURCE)


def test_a_variant_takes_its_regions_in_order():
    regions = ("    return 2 * x", "    size = 4")
    answer = "\n".join(f"# BEGIN SOLUTION\n{body}\n# END SOLUTION" for body in regions)
    made = variant_from(SOURCE, answer)
    assert "return 2 * x" in made
    assert "size = 4" in made
    assert '"""Return x twice."""' in made


def test_a_variant_with_too_few_regions_is_refused():
    with pytest.raises(MarkerError, match="1 regions given, the source has 2"):
        variant_from(SOURCE, "# BEGIN SOLUTION\n    return 2 * x\n# END SOLUTION")


@pytest.mark.parametrize(
    "text", ["# BEGIN SOLUTION", "# END SOLUTION", "# BEGIN SOLUTION\n# BEGIN SOLUTION"]
)
def test_markers_that_do_not_pair_are_refused(text):
    with pytest.raises(MarkerError):
        starter_from(text, "x")


def test_a_starter_is_recognised_until_its_placeholder_is_gone():
    starter = starter_from(SOURCE, "double-it")
    assert is_starter(starter, SOURCE, "double-it")
    assert is_starter(starter.replace("    raise", "    y = 1\n    raise"), SOURCE, "double-it")
    assert not is_starter(
        starter.replace('raise NotImplementedError("double-it")', "return 1"), SOURCE, "double-it"
    )


@given(before=lines, body=lines, after=lines)
def test_cutting_loses_nothing_outside_the_region(before, body, after):
    marked = [*before, "# BEGIN SOLUTION", *body, "# END SOLUTION", *after]
    source = "\n".join(marked)
    assert solution_from(source) == "\n".join([*before, *body, *after])
    assert regions_of(source) == ["\n".join(body)]
