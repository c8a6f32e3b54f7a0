"""A part is taken unless the whole is shown to be better."""

import numpy as np
import pandas as pd
import pytest

from lab.evaluation.advice import against, chances, hindsight, sentence, verdict
from lab.evaluation.diebold_mariano import diebold_mariano


def losses_of(advantage):
    """Losses over 60 issues: the whole is below the better part by `advantage` on average."""
    rng = np.random.default_rng(1)
    part = 10 + rng.normal(size=60)
    whole = part - advantage + 0.5 * rng.normal(size=60)
    return pd.DataFrame({"whole": whole, "worse": part + 1, "part": part})


@pytest.mark.parametrize(
    ("advantage", "take", "shown"),
    [(1.0, "whole", True), (-1.0, "part", True), (0.0, "part", False)],
    ids=["the whole is better", "the part is better", "no difference is shown"],
)
def test_what_to_take(advantage, take, shown):
    losses = losses_of(advantage)
    found = verdict(losses, "whole", ["worse", "part"])
    pair = diebold_mariano(losses["part"].to_numpy(), losses["whole"].to_numpy())
    one_sided = min(pair.p_second_better, pair.p_first_better)
    assert (found.take, found.shown) == (take, shown)
    assert {found.take, found.other} == {"whole", "part"}
    assert found.loss == pytest.approx(losses[take].mean())
    assert found.p == (one_sided if shown else pair.p_differs)
    assert (found.p < 0.05) == shown


def test_a_noisy_part_that_is_not_beaten_is_named():
    losses = losses_of(1.0)
    rng = np.random.default_rng(2)
    losses["noisy"] = losses["part"] + 0.1 + 8 * rng.normal(size=60)
    losses["noisy"] += losses["part"].mean() + 0.1 - losses["noisy"].mean()
    found = verdict(losses, "whole", ["part", "worse", "noisy"])
    assert found.other == "part"
    assert list(found.unproven) == ["noisy"]
    assert found.unproven["noisy"] > 0.05
    said = sentence({24: found}, "kWh", str)
    assert said.endswith(f", not shown against noisy, one-sided p = {found.unproven['noisy']:.3f})")


def test_said_by_horizon():
    better, equal = (verdict(losses_of(a), "whole", ["part"]) for a in (1.0, 0.0))
    said = sentence({24: better, 48: equal, 72: better}, "kWh", str.upper, digits=1)
    first, second = said.split("; take ")
    pair = f"{better.loss:.1f} against {better.other_loss:.1f} kWh, one-sided p < 0.001"
    assert first == f"Take WHOLE 24 and 72 h ahead, better than PART ({pair}; {pair})"
    assert second.startswith("PART 48 h ahead, simpler and not shown to differ from WHOLE (")
    assert f"two-sided p = {equal.p:.3f}" in second


@pytest.mark.parametrize(
    ("advantages", "said"),
    [((1.0, 1.0), ""), ((-1.0, 1.0), "At 24 h "), ((-1.0, 0.0), "At 24 and 48 h ")],
    ids=["as chosen", "another at one horizon", "another at both"],
)
def test_what_was_picked_on_the_test_is_called_hindsight(advantages, said):
    verdicts = {
        hours: verdict(losses_of(advantage), "whole", ["part"])
        for hours, advantage in zip((24, 48), advantages, strict=True)
    }
    found = hindsight(verdicts, "whole")
    assert found.startswith(said)
    assert bool(found) == bool(said)


def test_a_model_against_each_of_the_others():
    losses = {1: losses_of(1.0), 2: losses_of(0.0)}
    found = chances(losses, "whole", ["part", "worse"])
    for lead, table in losses.items():
        pair = diebold_mariano(table["part"].to_numpy(), table["whole"].to_numpy(), horizon=lead)
        assert found.loc[lead, "part"] == pair.p_second_better
    said = against(found, str.upper)
    assert said.startswith("shown to be better at 1 of 2 leads than PART (one-sided p < 0.001, 0.")
    assert said.endswith(", better than WORSE (one-sided p < 0.001, < 0.001)")
