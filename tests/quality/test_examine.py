import numpy as np
import pandas as pd

from lab.quality.examine import examine, faulty_cells, widen_market


def test_a_sound_table_has_no_findings(rules, noise):
    assert examine("homes", noise.to_frame(), rules, "Europe/Brussels").empty


def test_several_faults_of_one_table(rules, noise):
    table = noise.to_frame()
    table.iloc[100:120] = table.iloc[100]
    table.iloc[300] = -5
    table.iloc[400:410] = np.nan
    table.iloc[900:910, 0] = np.linspace(0, 50, 10)
    found = examine("homes", table, rules).set_index("check")
    assert set(found.index) == {"stuck", "impossible", "missing_values", "interpolated"}
    assert found.loc["stuck", "start"] == table.index[100]
    assert found.loc["impossible", "detail"] == "From -5 to -5; allowed are 0 to None."
    assert found.loc["missing_values", "samples"] == 10


def test_missing_rows_and_duplicates(rules, noise):
    table = noise.to_frame().drop(noise.index[10:14])
    table = pd.concat([table, table.iloc[[50]]]).sort_index()
    found = examine("homes", table, rules).set_index("check")["samples"]
    assert found.to_dict() == {"duplicates": 1, "missing_rows": 4}


def test_a_clock_change_day_without_its_hour(rules, noise):
    table = noise.to_frame().drop(pd.Timestamp("2021-03-28 05:00", tz="UTC"))
    found = examine("homes", table, rules, "Europe/Brussels").set_index("check")
    assert found.loc["dst_rows", "detail"] == "2021-03-28 has 23 hours, so 23 rows; got 22."


def test_markup_in_a_column_name_is_only_a_name(rules, noise):
    table = noise.rename("<b>load</b>_kw").to_frame()
    table.iloc[100:120] = 5.5
    assert examine("homes", table, rules)["column"].tolist() == ["<b>load</b>_kw"]


def test_impossible_values_are_blanked_only_where_the_rule_says_so(rules, noise):
    table = noise.to_frame()
    table.iloc[300] = -5
    assert faulty_cells("homes", table, rules) == {}
    strict = type(rules)(**{**vars(rules), "repair": _blanking(rules, ["impossible"])})
    assert np.flatnonzero(faulty_cells("homes", table, strict)["load_kw"]).tolist() == [300]


def _blanking(rules, kinds):
    return type(rules.repair)(**{**vars(rules.repair), "blank": kinds})


def test_market_days_have_24_hours_and_a_column_per_zone():
    table = pd.DataFrame(
        {
            "zone": ["FR", "BE", "FR", "BE"],
            "delivery_date": pd.to_datetime(["2016-03-27"] * 4),
            "hour": [2, 2, 3, 3],
            "price_eur_per_mwh": [1.0, 2, 3, 4],
        }
    )
    wide = widen_market(table)
    assert wide["be_price_eur_per_mwh"].tolist() == [2, 4]
    assert wide["fr_price_eur_per_mwh"].tolist() == [1, 3]
    assert (wide.index[1] - wide.index[0]) == pd.Timedelta("1h")
