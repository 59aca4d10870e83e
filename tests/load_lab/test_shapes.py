"""The plan of every shape: bounded in users and in time, without gaps."""

import itertools

import pytest

from load_tests.__main__ import parse_arguments
from load_tests.shapes import DEFAULT_SECONDS, DEFAULT_USERS, SHAPES, plan_stages, users_at


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("users", "seconds"), [(1, 1), (7, 33), (1000, 600)])
def test_stages_follow_each_other_and_reach_the_peak_and_the_end(shape, users, seconds):
    stages = plan_stages(shape, users, seconds)

    assert (stages[0].start, stages[-1].end) == (0, seconds)
    assert all(a.end == b.start for a, b in itertools.pairwise(stages))
    assert max(stage.users for stage in stages) == users
    assert min(stage.users for stage in stages) >= 1


@pytest.mark.parametrize("shape", SHAPES)
def test_the_defaults_of_every_shape_make_a_plan(shape):
    assert plan_stages(shape, DEFAULT_USERS[shape], DEFAULT_SECONDS[shape])


def test_a_spike_rises_at_once_and_falls_back():
    assert [stage.users for stage in plan_stages("spike", 50, 60)] == [10, 50, 10]


def test_a_ramp_grows_with_every_step():
    stages = plan_stages("ramp-to-break", 60, 40, step_seconds=10)

    assert [stage.users for stage in stages] == [15, 30, 45, 60]


def test_the_number_of_users_is_known_at_every_moment_until_the_end():
    stages = plan_stages("spike", 50, 100)

    assert [users_at(stages, at) for at in (0, 29.9, 30, 59.9, 60, 99.9)] == [
        10,
        10,
        50,
        50,
        10,
        10,
    ]
    assert users_at(stages, 100) is None


@pytest.mark.parametrize(
    ("shape", "users", "seconds"),
    [("wave", 1, 1), ("steady", 0, 1), ("steady", 10_001, 1), ("soak", 1, 0), ("soak", 1, 1e6)],
)
def test_what_is_not_bounded_is_refused(shape, users, seconds):
    with pytest.raises(ValueError, match=r"no shape|users|seconds"):
        plan_stages(shape, users, seconds)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["wave"],
        ["spike", "--arrivals", "5"],
        ["steady", "--arrivals", "-5"],
        ["steady", "--think", "2", "1"],
        ["soak", "--seconds", "1e9"],
        ["ramp-to-break", "--step-seconds", "1"],
    ],
)
def test_a_command_that_cannot_be_run_is_refused_with_status_2(arguments):
    with pytest.raises(SystemExit) as ended:
        parse_arguments(arguments)
    assert ended.value.code == 2
