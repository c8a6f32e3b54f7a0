import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from lab.errors import DataError, UsageError
from lab.optimise.control.compare import settled
from lab.optimise.control.dynamics import run_table
from lab.optimise.control.environment import BatteryEnv
from lab.optimise.control.forecasts import SEEN_MIN, Reversion

from .conftest import market_of  # isort: skip


@pytest.fixture
def env(stage):
    reversion = Reversion.fit(stage.market, SEEN_MIN)
    return BatteryEnv(stage.market, stage.battery, reversion, stage.end_worth, 500)


def test_gymnasiums_checker_finds_no_fault(env):
    check_env(env, skip_render_check=True)


def test_the_environment_and_the_compiled_loop_are_the_same(stage):
    market = stage.market
    reversion = Reversion.fit(market, SEEN_MIN)
    env = BatteryEnv(market, stage.battery, reversion, stage.end_worth)
    draw = np.random.default_rng(5)
    actions = draw.integers(0, 3, len(market))
    moves = run_table(
        np.array([[0, 1, 2]]), actions[:, None].astype(np.int32), stage.start_kwh, stage.limits, 1
    )
    run = settled("drawn", stage, moves)
    env.reset(options={"step": 0, "soc": 0.5})
    held, rewards = [], []
    for action in actions:
        _, reward, ended, cut, info = env.step(action)
        held.append(env.energy_kwh)
        rewards.append(reward)
        assert not ended
        assert min(info["taken_kwh"], info["given_kwh"]) == 0
    assert cut
    assert held == run.schedule["energy_kwh"].tolist()
    assert np.sum(rewards) == pytest.approx(run.profit)


def test_an_observation_tells_what_is_known(env, stage):
    seen, _ = env.reset(options={"step": 700, "soc": 0.25})
    row = stage.market.table.iloc[700]
    assert seen[:3].tolist() == pytest.approx([0.25, row["price"], row["level"]])
    assert seen[-1] == 11
    assert env.observation_space.contains(seen)


def test_behind_the_last_minute_comes_the_first(battery):
    market = market_of([0.1, 0.2, 0.3] * 10)
    env = BatteryEnv(market, battery, Reversion.fit(market, SEEN_MIN), steps=2)
    env.reset(options={"step": 29, "soc": 0.5})
    assert env.step(2)[1] == pytest.approx(0.3 * 50 / 60)
    assert env.step(2)[1] == pytest.approx(0.1 * 50 / 60)


def test_a_seed_begins_alike(env):
    first, second = (env.reset(seed=4)[0] for _ in range(2))
    other = env.reset(seed=5)[0]
    assert first.tolist() == second.tolist() != other.tolist()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"soc": 0.95}, "soc must lie from 0.1 to 0.9, got 0.95"),
        ({"soc": float("nan")}, "soc must be a finite number, got nan"),
        ({"soc": "half"}, "soc must be a finite number, got 'half'"),
        ({"step": 99_999}, "from 0 to 4319, got 99999"),
        ({"step": 2.5}, "first step must be a whole number from 0 to 4319, got 2.5"),
    ],
    ids=["soc", "nan", "text", "step", "half a step"],
)
def test_a_bad_beginning_is_refused(env, options, words):
    with pytest.raises(DataError, match=words):
        env.reset(options=options)


def test_bad_calls_are_refused(env, stage):
    env.reset(seed=1)
    with pytest.raises(UsageError, match=r"0 \(charge\), 1 \(hold\), 2 \(discharge\), got 3"):
        env.step(3)
    short = BatteryEnv(stage.market, stage.battery, Reversion.fit(stage.market, SEEN_MIN), steps=1)
    with pytest.raises(UsageError, match="call reset"):
        short.step(1)
    with pytest.raises(UsageError, match="lead times must be"):
        BatteryEnv(stage.market, stage.battery, Reversion.fit(stage.market, (1,)))
    with pytest.raises(UsageError, match="end_worth must be a finite number, got inf"):
        BatteryEnv(stage.market, stage.battery, Reversion.fit(stage.market, SEEN_MIN), np.inf)
    with pytest.raises(UsageError, match="steps must be at least 1, got 0"):
        BatteryEnv(stage.market, stage.battery, Reversion.fit(stage.market, SEEN_MIN), steps=0)
