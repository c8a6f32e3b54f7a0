import pytest

from lab.errors import LabError, UsageError
from lab.runner import publish


@pytest.fixture
def stage(tmp_path):
    folder = tmp_path / "stage"
    (folder / "models" / "m").mkdir(parents=True)
    (folder / "a.txt").write_text("new", encoding="utf-8")
    (folder / "models" / "m" / "w.json").write_text("new", encoding="utf-8")
    return folder


def test_what_is_declared_and_written_passes(stage):
    publish.check(stage, ["a.txt", "models/m"])


def test_a_declared_output_that_is_missing_is_a_failure(stage):
    with pytest.raises(LabError, match="declares b.txt, which the notebook did not write"):
        publish.check(stage, ["a.txt", "models/m", "b.txt"])


def test_an_undeclared_output_is_refused(stage):
    with pytest.raises(UsageError, match=r"wrote models/m/w.json, which dvc.yaml does not declare"):
        publish.check(stage, ["a.txt"])


def test_files_replace_the_old_ones_and_stale_ones_of_a_folder_go(stage, tmp_path):
    target = tmp_path / "target"
    (target / "models" / "m").mkdir(parents=True)
    (target / "a.txt").write_text("old", encoding="utf-8")
    (target / "keep.txt").write_text("keep", encoding="utf-8")
    (target / "models" / "m" / "stale.json").write_text("old", encoding="utf-8")
    written = publish.publish(stage, target, ["a.txt", "models/m"])
    assert written == ["a.txt", "models/m/w.json"]
    assert publish.files(target) == ["a.txt", "keep.txt", "models/m/w.json"]
    assert (target / "a.txt").read_text(encoding="utf-8") == "new"


def test_a_folder_is_never_replaced_by_a_file(stage, tmp_path):
    (tmp_path / "target" / "a.txt").mkdir(parents=True)
    with pytest.raises(UsageError, match=r"a.txt is a folder"):
        publish.publish(stage, tmp_path / "target")
    assert (tmp_path / "target" / "a.txt").is_dir()
    assert not (tmp_path / "target" / "models").exists()
