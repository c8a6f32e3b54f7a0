import numpy as np
import pytest

from lab.errors import SolveError
from lab.optimise.appliances import ConflictError, parts, plan
from lab.optimise.appliances.appliance import check_together
from lab.optimise.appliances.standard import block_of_flats
from lab.solver import Solved


@pytest.fixture
def small(monkeypatch):
    """Parts of a few hundred columns, so that a small case has several."""
    monkeypatch.setattr(parts, "COLUMNS_OF_PART", 400)


@pytest.mark.parametrize("share", [0.7, 1.0])
def test_a_block_of_flats_is_planned_within_a_proven_percent(small, share):
    items, site = block_of_flats(12, 2, seed=1, limit_share=share)
    made = plan(items, site, gap=0.01, way="in parts", limit_s=60)
    whole = plan(items, site, gap=0.001, way="together", limit_s=60)
    assert made.solved.proven and made.solved.gap <= 0.01
    assert made.bill.cost <= whole.bill.cost * 1.011
    assert made.bill.cost * (1 - made.solved.gap) <= whole.bill.cost * (1 + 1e-9)
    assert made.bill.peak_kw <= site.limit_kw + 1e-6


def test_many_columns_and_a_gap_choose_the_way(monkeypatch):
    from lab.optimise.appliances import planning

    monkeypatch.setattr(planning, "MANY", 50)
    items, site = block_of_flats(4, 1, seed=3, limit_share=0.9)
    assert plan(items, site, gap=0.01).way == "in parts"
    assert plan(items, site).way == "together"


def test_without_a_limit_parts_are_all_there_is():
    items, site = block_of_flats(4, 1, seed=2, limit_share=0.9)
    free = type(site)(site.table)
    one = plan(items, free, way="in parts", gap=0.0)
    assert one.solved.proven
    assert one.bill.cost == pytest.approx(plan(items, free, way="apart").bill.cost, abs=1e-7)


def test_linked_appliances_stay_together(item):
    items = [
        item("a"),
        item("b", after=["a"]),
        item("c", group="g"),
        item("d", group="g"),
        item("e"),
    ]
    found = {frozenset(names) for names in parts.linked(check_together(items))}
    assert found == {frozenset("ab"), frozenset("cd"), frozenset("e")}


def test_an_impossible_block_is_explained(hours, item):
    items = [item("x", last=3), item("y", last=3, kind="interruptible")]
    with pytest.raises(ConflictError, match="'x' and 'y' are in conflict"):
        plan(items, hours([1, 1, 1, 1], 1.0), way="in parts")


def test_the_whole_problem_is_tried_where_parts_do_not_prove_it(monkeypatch):
    items, site = block_of_flats(6, 1, seed=5, limit_share=0.9)
    exact = plan(items, site, way="together")
    monkeypatch.setattr(parts, "_judged", lambda *_: None)
    made = plan(items, site, way="in parts", gap=0.0)
    assert made.solved.proven
    assert made.bill.cost == pytest.approx(exact.bill.cost, abs=1e-6)


def test_out_of_time_the_best_so_far_is_kept(monkeypatch):
    items, site = block_of_flats(6, 1, seed=5, limit_share=0.9)
    real = parts.solve

    def no_whole(problem, what, **options):
        if options.get("gap") == 0.0 and "limit_s" in options and len(calls) > 0:
            raise SolveError("The schedule was not found: no schedule within 1 s; allow more time.")
        return real(problem, what, **options)

    calls: list[int] = []
    judged = parts._judged

    def far(powers, items, terms, bound, gap):
        calls.append(1)
        return judged(powers, items, terms, bound * 0.5, gap)

    monkeypatch.setattr(parts, "_judged", far)
    monkeypatch.setattr(parts, "solve", no_whole)
    made = plan(items, site, way="in parts", gap=0.0, limit_s=20)
    assert not made.solved.proven and made.solved.gap > 0.4
    assert made.solved.status == "stopped"
    assert np.isfinite(made.bill.cost)


@pytest.fixture
def unproven(monkeypatch):
    """Let the time end before relaxations are proven; return what the whole problem answers."""
    real, answers = parts.solve, {}

    def stopped(problem, what, **options):
        if "options" not in options:
            return Solved(real(problem, what, **options).objective, "stopped", np.nan, False)
        if options["gap"] == answers.get("gap"):
            return answers["whole"](real(problem, what, **options))
        return real(problem, what, **options)

    monkeypatch.setattr(parts, "solve", stopped)
    return answers


def too_late(solved):
    raise SolveError("The schedule was not found: no schedule within 1 s; allow more time.")


def test_a_relaxation_that_was_not_finished_is_no_bound(unproven):
    items, site = block_of_flats(6, 1, seed=5, limit_share=0.9)
    unproven |= {"gap": 0.5, "whole": too_late}
    # Half of the optimum would do; but there is no bound that the schedule could be held against.
    made = plan(items, site, way="in parts", gap=0.5, limit_s=20)
    assert np.isnan(made.solved.gap)
    assert (made.solved.status, made.solved.proven) == ("stopped", False)


def test_the_bound_of_the_whole_search_is_used_where_there_is_no_other(unproven):
    items, site = block_of_flats(6, 1, seed=5, limit_share=0.9)
    exact = plan(items, site, way="together").bill.cost
    worse = 2 * abs(exact)

    def dear(solved):
        # A schedule that costs much more, with a bound of 0.
        return Solved(worse, "stopped", 1.0, False, 0.0)

    unproven |= {"gap": 0.001, "whole": dear}
    made = plan(items, site, way="in parts", gap=0.001, limit_s=20)
    assert made.bill.cost < worse
    assert made.solved.gap == pytest.approx(1.0)
    assert made.solved.status == "stopped"
