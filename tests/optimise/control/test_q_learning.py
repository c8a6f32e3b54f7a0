import numpy as np
import pytest

from lab.errors import DataError, UsageError
from lab.optimise.control.dynamics import asked_for, follow, level_of, limits
from lab.optimise.control.environment import BatteryEnv
from lab.optimise.control.forecasts import SEEN_MIN, Reversion
from lab.optimise.control.q_learning import Lessons, Settings, greedy, learn
from lab.optimise.control.states import Bins

MASK = 2**64 - 1


def lessons_of(stage, levels=4, bins=3):
    market = stage.market
    worth = np.tile(0.03 + 0.001 * np.arange(levels), (len(market), 1))
    told = market.price[:, None] - worth
    cut = Bins.fit(told, bins=bins)
    return Lessons(market.price, worth, cut.column(told, market.hour), cut.columns, stage.end_worth)


def numbers(seed):
    """Yield what SplitMix64 gives from a seed, written anew."""
    state = seed * 0xD1342543DE82EF95 & MASK
    while True:
        state = state + 0x9E3779B97F4A7C15 & MASK
        z = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 & MASK
        z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
        yield ((z ^ z >> 31) >> 11) / 2**53


def by_environment(stage, lessons, settings, seed):
    """Learn by Watkins's rule in the gymnasium environment, one step at a time."""
    market, draw = stage.market, numbers(seed)
    env = BatteryEnv(market, stage.battery, Reversion.fit(market, SEEN_MIN), 0.0, settings.steps)
    battery, of, levels = stage.battery, stage.limits, settings.levels
    q, epsilon, earned = np.zeros((levels, lessons.columns, 3)), settings.epsilon, []
    for _ in range(settings.episodes):
        t = int(next(draw) * len(market))
        soc = battery.soc_min + next(draw) * (battery.soc_max - battery.soc_min)
        env.reset(options={"step": t, "soc": soc})
        begun, total, cut = env.energy_kwh, 0.0, False
        while not cut:
            level = level_of(env.energy_kwh, of, levels)
            own = q[level, lessons.column[env.at, level]]
            number = next(draw)
            action = int(number / epsilon * 3) if number < epsilon else int(greedy(own))
            if settings.anywhere:
                cut, cash = judged_elsewhere(env, lessons, settings, q, action, draw)
                total += cash
                continue
            reward = 0.0
            for _ in range(settings.hold):
                before, at = env.energy_kwh, env.at
                _, cash, _, cut, _ = env.step(action)
                total += cash
                reward += cash + lessons.worth[at, level] * (env.energy_kwh - before)
                if cut:
                    break
            higher = level_of(env.energy_kwh, of, levels)
            after = q[higher, lessons.column[env.at, higher]].max()
            gone = lessons.end_worth - lessons.worth[env.at, higher]
            later = gone * env.energy_kwh if cut else settings.discount * after
            own[action] += settings.learning_rate * (reward + later - own[action])
        earned.append(total + lessons.end_worth * (env.energy_kwh - begun))
        epsilon = max(epsilon * settings.epsilon_decay, settings.epsilon_least)
    return q, earned


def judged_elsewhere(env, lessons, settings, q, action, draw):
    """Judge all three actions at a charge that is drawn, then act; return the end and the money."""
    of, levels, begin, held = env.limits, settings.levels, env.at, env.energy_kwh
    drawn = of.floor_kwh + next(draw) * (of.ceiling_kwh - of.floor_kwh)
    kept = min(settings.hold, env.steps - env.done)
    level, last = level_of(drawn, of, levels), env.done + kept == env.steps
    own = q[level, lessons.column[begin, level]]
    for other in range(3) if settings.thinks else [action]:
        energy, reward = drawn, 0.0
        for k in range(kept):
            at = (begin + k) % len(env.price)
            then, taken, given = follow(energy, asked_for(other, of), of)
            reward += (given - taken) * env.price[at] + lessons.worth[at, level] * (then - energy)
            energy = then
        at, higher = (begin + kept) % len(env.price), level_of(energy, of, levels)
        gone = (lessons.end_worth - lessons.worth[at, higher]) * energy
        later = gone if last else settings.discount * q[higher, lessons.column[at, higher]].max()
        own[other] += settings.learning_rate * (reward + later - own[other])
    assert (env.at, env.energy_kwh) == (begin, held)
    cash = sum(env.step(action)[1] for _ in range(kept))
    return last, cash


@pytest.mark.parametrize("hold", [1, 7], ids=["a minute", "seven minutes"])
@pytest.mark.parametrize(
    "how",
    [{}, {"anywhere": True}, {"anywhere": True, "thinks": True}],
    ids=["where it stands", "anywhere", "all actions anywhere"],
)
def test_the_compiled_loop_learns_what_the_environment_teaches(stage, hold, how):
    settings = Settings(
        levels=4, episodes=3, steps=400, hold=hold, epsilon=0.8, epsilon_decay=0.5, **how
    )
    lessons = lessons_of(stage)
    found = learn(lessons, stage.limits, settings, seeds=[11])
    values, earned = by_environment(stage, lessons, settings, 11)
    assert found.values[0] == pytest.approx(values, abs=1e-12)
    assert found.earned[0].tolist() == pytest.approx(earned)
    assert np.abs(values).max() > 0.01


def test_thinking_learns_of_what_was_not_done(stage):
    # Never trying anything new, an agent that acts knows one action a state; one that thinks, all.
    settings = Settings(levels=2, episodes=1, steps=50, epsilon=0.0, epsilon_least=0.0)
    lessons = lessons_of(stage, levels=2, bins=2)
    acts, thinks = (
        learn(lessons, stage.limits, Settings(**{**vars(settings), "thinks": t}), seeds=[1])
        for t in (False, True)
    )
    known = [np.count_nonzero(one.values) for one in (acts, thinks)]
    assert known[1] > known[0] > 0


def test_an_agent_that_judges_anywhere_knows_levels_where_it_never_was(stage):
    # A kWh costs what it is worth, so trade loses: the battery stays at its first charge.
    quiet = {"levels": 20, "episodes": 1, "steps": 2000, "epsilon": 0.0, "epsilon_least": 0.0}
    lessons = lessons_of(stage, levels=20)
    even = {name: np.full_like(getattr(lessons, name), 0.03) for name in ("price", "worth")}
    lessons = lessons._replace(**even)
    there, anywhere = (
        learn(lessons, stage.limits, Settings(thinks=True, anywhere=how, **quiet), seeds=[3])
        for how in (False, True)
    )
    known = [one.values[0].any(axis=(1, 2)).sum() for one in (there, anywhere)]
    assert known == [1, 20]


def test_an_agent_learns_to_buy_low_and_sell_high(battery):
    # Two prices take turns every ten minutes; a kWh is worth what lies between them.
    price = np.tile(np.repeat([0.02, 0.08], 10), 30)
    column = (np.repeat((price > 0.05)[:, None], 2, axis=1)).astype(np.int32)
    lessons = Lessons(price, np.full((600, 2), 0.05), column, 2, 0.05)
    of = limits(battery, 1 / 60)
    found = learn(lessons, of, Settings(levels=2, episodes=60, steps=600), seeds=[1, 2])
    for values in found.values:
        assert greedy(values).tolist() == [[0, 2], [0, 2]]
    assert (found.earned[:, -10:].mean(axis=1) > found.earned[:, :10].mean(axis=1)).all()


def test_the_mean_of_the_last_episodes_is_the_mean(stage):
    lessons = lessons_of(stage, levels=2)
    how = {"levels": 2, "steps": 100}
    two, three = (
        learn(lessons, stage.limits, Settings(episodes=n, **how), seeds=[5]).values for n in (2, 3)
    )
    mean = learn(lessons, stage.limits, Settings(episodes=3, averaged=2, **how), seeds=[5]).values
    assert mean == pytest.approx((two + three) / 2)


def test_threads_change_nothing_and_seeds_do(stage):
    lessons, settings = lessons_of(stage), Settings(levels=4, episodes=2, steps=200)
    one, two = (learn(lessons, stage.limits, settings, seeds=range(3), threads=n) for n in (1, 3))
    assert np.array_equal(one.values, two.values)
    assert np.array_equal(one.earned, two.earned)
    assert not np.array_equal(one.values[0], one.values[1])


def test_random_numbers_are_spread_evenly():
    draw = numbers(7)
    drawn = np.array([next(draw) for _ in range(20_000)])
    assert np.histogram(drawn, 10, (0, 1))[0] == pytest.approx(2000, abs=200)
    assert abs(np.corrcoef(drawn[:-1], drawn[1:])[0, 1]) < 0.03


BAD = {
    "levels": ({"levels": 0}, "levels must be at least 1, got 0"),
    "episodes": ({"episodes": 0}, "episodes must be at least 1"),
    "discount": ({"discount": 1.5}, "discount must be from 0 to 1, got 1.5"),
    "nan": ({"epsilon": float("nan")}, "epsilon must be a finite number, got nan"),
    "half a level": ({"levels": 2.5}, "levels must be a whole number, got 2.5"),
    "nan episodes": ({"episodes": float("nan")}, "episodes must be a whole number, got nan"),
    "text": ({"hold": "1"}, "hold must be a whole number, got '1'"),
}


@pytest.mark.parametrize(("values", "words"), BAD.values(), ids=BAD)
def test_bad_settings_are_refused(values, words):
    with pytest.raises(UsageError, match=words):
        Settings(**values)


def test_lessons_that_do_not_fit_are_refused(stage):
    lessons = lessons_of(stage)
    with pytest.raises(DataError, match=r"shape \(4320, 5\) of steps and levels"):
        learn(lessons, stage.limits, Settings(levels=5), seeds=[1])
    empty = Lessons(np.empty(0), np.empty((0, 4)), np.empty((0, 4), np.int32), 1, 0.0)
    with pytest.raises(DataError, match="at least one"):
        learn(empty, stage.limits, Settings(levels=4), seeds=[1])


UNSAFE = {
    "column too high": ({"column": np.full((5, 2), 3, np.int32)}, "from 0 to 0, got 3 to 3"),
    "column below 0": ({"column": np.full((5, 2), -1, np.int32)}, "from 0 to 0, got -1 to -1"),
    "half a column": ({"column": np.full((5, 2), 0.5)}, "whole number .* of the kind float64"),
    "price nan": ({"price": np.full(5, np.nan)}, "Prices must be finite numbers, got nan at"),
    "price text": ({"price": np.full(5, "a")}, "Prices must be finite numbers, got others"),
    "price in a table": ({"price": np.zeros((5, 2))}, r"prices of the shape \(5, 2\)"),
    "worth nan": ({"worth": np.full((5, 2), np.nan)}, "Worths must be finite numbers, got nan"),
}


def five_steps(**changes):
    zeros = np.zeros((5, 2))
    return Lessons(np.zeros(5), zeros, zeros.astype(np.int32), 1, 0.0)._replace(**changes)


@pytest.mark.parametrize(("changes", "words"), UNSAFE.values(), ids=UNSAFE)
def test_lessons_that_would_leave_the_table_are_refused(stage, changes, words):
    how = Settings(levels=2, episodes=1, steps=5)
    assert learn(five_steps(), stage.limits, how, seeds=[1]).values.shape == (1, 2, 1, 3)
    with pytest.raises(DataError, match=words):
        learn(five_steps(**changes), stage.limits, how, seeds=[1])


CALLS = {
    "no seed": ({"seeds": []}, "at least one seed, got none"),
    "seed below 0": ({"seeds": [-1]}, "A seed must be from 0 to .*, got -1"),
    "half a seed": ({"seeds": [0.5]}, "A seed must be a whole number, got 0.5"),
    "no thread": ({"seeds": [1], "threads": 0}, "threads must be at least 1, got 0"),
}


@pytest.mark.parametrize(("call", "words"), CALLS.values(), ids=CALLS)
def test_bad_seeds_and_threads_are_refused(stage, call, words):
    with pytest.raises(UsageError, match=words):
        learn(five_steps(), stage.limits, Settings(levels=2, episodes=1, steps=5), **call)


@pytest.mark.parametrize("changes", [{"columns": 0}, {"end_worth": np.nan}], ids=["none", "nan"])
def test_bad_numbers_of_lessons_are_refused(stage, changes):
    with pytest.raises(UsageError, match="columns must be at least 1|end_worth must be a finite"):
        learn(five_steps(**changes), stage.limits, Settings(levels=2), seeds=[1])
