"""A stage of several variants: one notebook, published by the values of its matrix."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import yaml

from lab import notebooks
from lab.errors import BusyError, UsageError
from lab.runner import halves, matrix, parameters, publish, run
from lab.runner.run import StudyError
from lab.runner.study import find
from lab.runner.workspace import Workspace, is_running, locked

STAGE = Path("benchmarks/dvc.yaml")


def outputs(part: str) -> list[str]:
    return [
        f"reports/metrics/parts_{part}.json",
        f"reports/parts_{part}.html",
        f"reports/tables/parts_{part}.parquet",
    ]


def value(folder: Path, part: str) -> float:
    path = folder / f"reports/metrics/parts_{part}.json"
    return json.loads(path.read_text(encoding="utf-8"))["headline"]["value"]


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def of(root: Path, part: str):
    return find("parts", root).of({"part": part})


def test_a_study_knows_the_paths_of_its_variants(parts):
    study = find("parts", parts)
    assert [one.label for one in study.variants] == ["parts_AA", "parts_BB"]
    assert [one.stage_name for one in study.variants] == ["parts@AA", "parts@BB"]
    assert [sorted(one.outputs) for one in study.variants] == [outputs("AA"), outputs("BB")]
    assert set(study.outputs) == {*outputs("AA"), *outputs("BB")}
    assert study.variants[1].dependencies == ["data/parts/BB.csv.gz", "notebooks/parts.ipynb"]
    assert study.variants[1].measured == ["reports/parts_BB.html"]
    tiny = find("tiny", parts)
    assert tiny.variants == [tiny]
    assert (tiny.label, tiny.stage_name, tiny.of({"rows": 3})) == ("tiny", "tiny", tiny)


def test_several_keys_are_named_in_their_order():
    assert matrix.combinations({"b": ["x", "y"], "a": ["1"]}) == [
        {"b": "x", "a": "1"},
        {"b": "y", "a": "1"},
    ]
    assert matrix.fill("${item.b}/${ item.a }_${item.c}", {"a": "1", "b": "x"}) == "x/1_${item.c}"


def test_a_variant_of_the_matrix_is_the_stage_s_run(parts):
    result = run("parts", ["part=BB"])
    assert (result.study, result.folder, result.files) == ("parts_BB", parts, outputs("BB"))
    assert value(parts, "BB") == 7
    assert publish.files(parts / ".lab" / "timings") == ["parts_BB.runtime.json"]
    assert (parts / ".lab" / "logs" / "parts_BB.log").is_file()
    assert not (parts / ".lab" / "scratch").exists()
    report = result.report.read_text(encoding="utf-8")
    assert "data/parts/BB.csv.gz" in report
    assert "data/parts/AA.csv.gz" not in report


def test_without_a_value_the_default_of_params_yaml_is_the_variant(parts):
    replace(parts / "params.yaml", "part: AA", "part: BB")
    result = run("parts")
    assert (result.study, result.folder, result.files) == ("parts_BB", parts, outputs("BB"))


def test_a_value_outside_the_matrix_is_published_under_its_name(parts):
    result = run("parts", ["part=CC"])
    assert (result.folder, result.files) == (parts, outputs("CC"))
    assert value(parts, "CC") == 11
    # What it read is hashed, though dvc.yaml names the file compressed.
    assert "data/parts/CC.csv" in result.report.read_text(encoding="utf-8")


def test_what_the_notebook_does_not_know_it_refuses_itself(parts):
    with pytest.raises(StudyError, match="parts_DD failed.*DataError: Unknown part 'DD'") as error:
        run("parts", ["part=DD"])
    assert error.value.exit_code == 3
    assert publish.files(parts / ".lab" / "failed") == ["parts_DD.html"]
    assert not (parts / "reports").exists()


def test_a_missing_input_starts_no_kernel(parts):
    replace(parts / STAGE, "parts.ipynb]", "parts.ipynb, data/clean/all.parquet]")
    gone = "data/clean/all.parquet"
    with pytest.raises(UsageError, match=f"Study parts_BB reads {gone}, which does not exist"):
        run("parts", ["part=BB"])
    assert not (parts / ".lab").exists()


def test_what_a_variant_names_may_lie_there_in_another_format(parts):
    (parts / "data" / "parts" / "BB.csv.gz").rename(parts / "data" / "parts" / "BB.csv")
    found = find("parts", parts).of({"part": "BB"}).dependencies
    assert "data/parts/BB.csv" in found
    assert "data/parts/BB.csv.gz" not in found


def test_an_input_that_no_variant_names_is_there_in_any_format(parts):
    template = "data/parts/${item.part}.csv.gz"
    assert matrix.found(template, {"part": "CC"}, parts) == ["data/parts/CC.csv"]
    assert matrix.found(template, {"part": "C"}, parts) == []
    assert matrix.found("notebooks/no.ipynb", {"part": "C"}, parts) == ["notebooks/no.ipynb"]
    (parts / "data" / "CC").mkdir()
    assert matrix.found("data/${item.part}", {"part": "CC"}, parts) == ["data/CC"]


def test_other_overrides_make_an_experiment_named_by_the_variant(parts):
    run("parts", ["part=AA"])
    first = run("parts", ["part=AA", "most=1"])
    second = run("parts", ["most=1", "part=BB"])
    scratch = parts / ".lab" / "scratch" / "parts"
    assert (first.folder, second.folder) == (scratch, scratch)
    assert (value(scratch, "AA"), value(scratch, "BB"), value(parts, "AA")) == (1, 3, 3)
    assert set(outputs("AA") + outputs("BB")) <= set(publish.files(scratch))
    assert not (parts / "reports" / "parts_BB.html").exists()


def test_what_the_variant_declares_must_be_written(parts):
    replace(parts / "notebooks" / "parts.ipynb", 'f\\"parts_{part}\\"', '\\"parts_AA\\"')
    with pytest.raises(Exception, match="declares reports/metrics/parts_BB.json, which the note"):
        run("parts", ["part=BB"])
    assert publish.files(parts / ".lab" / "failed") == ["parts_BB.html"]
    assert not (parts / "reports").exists()


@pytest.mark.parametrize(
    "bad",
    ["../x", ".x", "a/b", "a b", "é", "''", "", "x" * 65, "AA\n", "[AA]"],
)
def test_a_value_that_cannot_name_a_file_starts_no_kernel(parts, bad):
    with pytest.raises(UsageError, match="'part' of parts names the outputs, so it must"):
        find("parts", parts).of({"part": bad.strip("'")})
    with pytest.raises(UsageError):
        run("parts", [f"part={bad}"] if bad != "AA\n" else ['part="AA\\n"'])
    assert not (parts / ".lab").exists()


@pytest.mark.parametrize(
    ("typed", "read"),
    [("NO", "NO"), ("12", "12"), ("'AA'", "AA"), (" AA ", "AA"), ("2014-01-01", "2014-01-01")],
)
def test_a_name_stays_text_whatever_yaml_makes_of_it(parts, typed, read):
    assert parameters.resolve(find("parts", parts), [f"part={typed}"])["part"] == read
    with pytest.raises(UsageError, match="'label' of tiny must be of type str"):
        parameters.resolve(find("tiny", parts), ["label=NO"])


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("part: [AA, BB]", "part: [NO]", "'part' of parts names the outputs.*got False"),
        ("part: [AA, BB]", "part: AA", "must map each key to a list of values, got {'part': 'AA'}"),
        ("part: [AA, BB]", "part: [../AA]", "got '../AA'"),
        ("part: [AA, BB]", "town: [AA]", "has the key 'town', which the notebook's parameters"),
    ],
    ids=["boolean", "no list", "path", "no parameter"],
)
def test_a_matrix_that_cannot_be_is_refused(parts, old, new, says):
    replace(parts / STAGE, old, new)
    with pytest.raises(UsageError, match=says):
        run("parts")
    assert not (parts / ".lab").exists()


def test_a_value_outside_the_matrix_overwrites_no_declared_output(parts):
    replace(parts / "dvc.yaml", "reports/tiny.html", "reports/parts_CC.html")
    with pytest.raises(
        UsageError, match="part=CC is outside the matrix of parts and would write reports/parts_CC"
    ):
        run("parts", ["part=CC"])
    assert not (parts / ".lab").exists()


def test_two_variants_run_side_by_side(parts):
    held, free = threading.Event(), threading.Event()

    def hold():
        with locked(parts, of(parts, "AA").label):
            held.set()
            free.wait(60)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(20)
    try:
        with pytest.raises(BusyError, match="'parts_AA' is being run by another process"):
            run("parts", ["part=AA"])
        assert run("parts", ["part=BB"]).files == outputs("BB")
        assert (parts / ".lab" / "run" / "parts_AA").is_dir(), "it would be swept as dead"
    finally:
        free.set()
        thread.join()
    assert not is_running(parts, "parts_AA")


def test_a_success_removes_the_failed_report_of_its_own_variant(parts):
    failed = parts / ".lab" / "failed"
    failed.mkdir(parents=True)
    for part in ("AA", "BB"):
        (failed / f"parts_{part}.html").touch()
    run("parts", ["part=BB"])
    assert publish.files(failed) == ["parts_AA.html"]


def test_what_a_killed_run_left_is_rendered_under_the_variant(parts):
    workspace = Workspace(parts / ".lab" / "dead" / "parts_CC-1")
    workspace.create()
    halves.remember(workspace, "parts", {"part": "CC", "most": 9})
    notebooks.write(notebooks.read(parts / "notebooks" / "parts.ipynb"), workspace.notebook)
    kept = halves.rescue(workspace.folder, parts)
    assert kept == parts / ".lab" / "failed" / "parts_CC.html"
    assert "data/parts/CC.csv" in kept.read_text(encoding="utf-8")


def test_dvc_runs_all_variants_or_one_and_knows_when_each_is_done(parts):
    folder = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}

    def dvc(*words: str) -> str:
        done = subprocess.run(
            [folder / "dvc", *words], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    dvc("init", "-q", "--no-scm")
    dvc("repro", f"{STAGE}:parts@BB")
    assert all((parts / path).is_file() for path in outputs("BB"))
    assert not any((parts / path).exists() for path in outputs("AA"))
    told = dvc("repro", f"{STAGE}:parts")
    assert f"Running stage '{STAGE}:parts@AA'" in told
    assert f"Stage '{STAGE}:parts@BB' didn't change" in told
    assert (value(parts, "AA"), value(parts, "BB")) == (3, 7)
    lock = yaml.safe_load((parts / find("parts", parts).lock).read_text(encoding="utf-8"))
    assert set(lock["stages"]) == {one.stage_name for one in find("parts", parts).variants}
    # By hand it is the same run: DVC finds its outputs unchanged.
    run("parts", ["part=BB"])
    assert "Running stage" not in dvc("repro", f"{STAGE}:parts")
