from pathlib import Path

import pytest

from lab.errors import UsageError
from lab.runner import parameters
from lab.runner.study import find, names


def resolve(project, *overrides):
    return parameters.resolve(find("tiny", project), overrides)


def test_values_come_from_params_yaml(project):
    text = (project / "params.yaml").read_text(encoding="utf-8").replace("rows: 3", "rows: 5")
    (project / "params.yaml").write_text(text, encoding="utf-8")
    assert resolve(project) == {"rows": 5, "label": "a", "ratio": 0.5, "nested": {"depth": 2}}


@pytest.mark.parametrize(
    ("override", "key", "value"),
    [
        pytest.param("rows=9", "rows", 9, id="integer"),
        pytest.param("ratio=1", "ratio", 1, id="whole number for a float"),
        pytest.param("label=b=c", "label", "b=c", id="equals sign in the value"),
        pytest.param("nested.depth=4", "nested", {"depth": 4}, id="dotted key"),
        pytest.param("label=2014-01-01", "label", "2014-01-01", id="a date stays text"),
    ],
)
def test_an_override_wins(project, override, key, value):
    assert resolve(project, override)[key] == value


@pytest.mark.parametrize(
    ("override", "says"),
    [
        pytest.param(
            "row=9", "Unknown parameter 'row' for tiny; its parameters are: rows", id="name"
        ),
        pytest.param("rows=many", "'rows' of tiny must be of type int", id="type"),
        pytest.param("rows=true", "must be of type int", id="boolean for a number"),
        pytest.param("rows=1.5", "must be of type int", id="fraction for a whole number"),
        pytest.param("nested.depth=x", "'nested.depth' of tiny must be of type int", id="inside"),
        pytest.param("rows", "given as key=value, got 'rows'", id="no value"),
        pytest.param("=3", "given as key=value", id="no key"),
        pytest.param("rows=[1", "not valid YAML", id="broken YAML"),
        pytest.param("nested.width=1", "Unknown parameter 'nested.width'", id="dotted name"),
        pytest.param("rows.deep=1", "Unknown parameter 'rows.deep'", id="dot into a number"),
    ],
)
def test_a_wrong_override_is_one_sentence(project, override, says):
    with pytest.raises(UsageError, match=None) as error:
        resolve(project, override)
    assert says in str(error.value)


@pytest.mark.parametrize(
    ("study", "override", "says"),
    [
        ("solar_forecast", "zone=Mars/Phobos", "Unknown time zone 'Mars/Phobos' of zone"),
        ("meter_forecast", "refit=hourly", "Unknown refit cadence 'hourly' of refit"),
        ("demand_forecast", "refit.ridge=hourly", "cadence 'hourly' of refit.ridge"),
        ("demand_nowcast", "test_from=2030-01-01", "test_from must lie before test_to"),
        ("demand_forecast", "choose_from=soon", "choose_from must be a day"),
    ],
)
def test_what_a_study_would_refuse_late_is_refused_before_its_kernel(study, override, says):
    root = Path(__file__).parents[2]
    with pytest.raises(UsageError, match=says):
        parameters.resolve(find(study, root), [override])


@pytest.mark.parametrize("study", names(Path(__file__).parents[2]))
def test_every_study_accepts_its_own_parameters(study):
    parameters.resolve(find(study, Path(__file__).parents[2]))


@pytest.mark.parametrize(
    ("section", "says"),
    [
        pytest.param("", "lacks the section 'tiny'", id="no section"),
        pytest.param("tiny: 3", "must be a mapping, got int", id="not a mapping"),
        pytest.param("tiny: {rows: 3}", "lacks 'label'", id="key missing"),
        pytest.param(
            "tiny: {rows: 3, label: a, ratio: 0.5, nested: {depth: 2}, extra: 1}",
            "Unknown parameter 'extra'",
            id="key too many",
        ),
        pytest.param("tiny: {rows", "params.yaml cannot be read as YAML", id="broken YAML"),
    ],
)
def test_a_wrong_section_is_one_sentence(project, section, says):
    (project / "params.yaml").write_text(f"compute: {{threads: 1, seed: 1}}\n{section}\n", "utf-8")
    with pytest.raises(UsageError) as error:
        resolve(project)
    assert says in str(error.value)


@pytest.mark.parametrize(
    ("compute", "says"),
    [
        pytest.param("{}", "lacks the section 'compute'", id="missing"),
        pytest.param("compute: {threads: 0, seed: 1}", "compute.threads", id="no thread"),
        pytest.param("compute: {threads: 2}", "compute.seed", id="no seed"),
        pytest.param("compute: {threads: two, seed: 1}", "got 'two'", id="text"),
        pytest.param("compute: {threads: 1, seed: 1, workers: 0}", "compute.workers", id="idle"),
        pytest.param(
            "compute: {threads: 1, seed: 1, scheduler: dask}",
            "an address such as tcp://127.0.0.1:8786, got 'dask'",
            id="no address",
        ),
    ],
)
def test_compute_is_checked(project, compute, says):
    (project / "params.yaml").write_text(compute, encoding="utf-8")
    with pytest.raises(UsageError) as error:
        parameters.compute(find("tiny", project))
    assert says in str(error.value)


def test_an_unknown_study_names_the_nearest(project):
    with pytest.raises(
        UsageError, match="Unknown study 'tiney'; choose one of tiny. Did you mean tiny?"
    ):
        find("tiney", project)
