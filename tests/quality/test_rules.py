import pytest

from lab.errors import UsageError
from lab.quality.rules import Rules


def test_an_unknown_threshold_is_named(rules):
    groups = {name: vars(getattr(rules, name)) for name in vars(rules)}
    groups["clock"] = {**groups["clock"], "windows": 3}
    with pytest.raises(UsageError, match=r"data_quality\.clock.*missing: none, unknown: windows\."):
        Rules.of(**groups)


def test_a_missing_group_is_named(rules):
    with pytest.raises(UsageError, match="data_quality must hold.*missing: bounds, clock"):
        Rules.of(stuck=vars(rules.stuck))


def test_rules_are_rebuilt_from_their_own_values(rules):
    assert Rules.of(**{name: vars(getattr(rules, name)) for name in vars(rules)}) == rules
