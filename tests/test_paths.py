import pytest

from lab import paths
from lab.errors import UsageError


def test_the_nearest_params_yaml_upwards_is_the_root(project):
    (project / "deep" / "er").mkdir(parents=True)
    assert paths.root(project / "deep" / "er") == project


def test_outside_any_project_the_checkout_serves(tmp_path):
    assert (paths.root(tmp_path) / "src" / "lab" / "paths.py").is_file()


def test_the_command_line_takes_no_other_project(tmp_path):
    with pytest.raises(UsageError, match="No lab project found"):
        paths.root(tmp_path, strict=True)


def test_no_project_at_all_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "__file__", str(tmp_path / "a" / "b" / "c" / "paths.py"))
    with pytest.raises(UsageError, match="No lab project found"):
        paths.root(tmp_path)


def test_a_notebook_run_by_hand_writes_to_scratch(project):
    target = paths.output("data/clean/x.parquet")
    assert target == project / ".lab" / "scratch" / "by-hand" / "data" / "clean" / "x.parquet"
    assert target.parent.is_dir()


def test_a_stage_writes_where_the_runner_says(tmp_path, monkeypatch):
    monkeypatch.setenv("LAB_STAGE", str(tmp_path / "stage"))
    assert paths.output("a/b.json") == tmp_path / "stage" / "a" / "b.json"


@pytest.mark.parametrize("path", ["/tmp/x", "../x", "a/../../x"])
def test_an_output_stays_inside_the_project(project, path):
    with pytest.raises(UsageError, match="must be a path inside the project"):
        paths.output(path)
