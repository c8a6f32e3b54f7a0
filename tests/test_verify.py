import json
import subprocess

import pytest

from lab import notebooks, verify
from lab.errors import UsageError, VerifyError
from lab.runner.study import find

METRICS = "reports/metrics/tiny.json"


def git(*words):
    identity = ["-c", "user.name=t", "-c", "user.email=t@t", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *words], check=True, capture_output=True)


def write(project, value):
    path = project / METRICS
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"headline": {"value": 1.0}, "overall": {"a": {"m": {"x": value}, "n": {"x": 2.0}}}}
    path.write_text(json.dumps(content), encoding="utf-8")


@pytest.fixture
def committed(project):
    git("init", "-q")
    write(project, 100.0)
    for path in ("data/clean/tiny.parquet", "reports/tiny.html"):
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).touch()
    git("add", "-f", METRICS, "dvc.yaml")
    git("commit", "-qm", "first")
    return project


def tolerate(project, share):
    text = (project / "dvc.yaml").read_text(encoding="utf-8")
    text += f"    meta: {{relative_tolerance: {{m: {share}}}}}\n"
    (project / "dvc.yaml").write_text(text, encoding="utf-8")


def by_name(project, measured):
    """Move the only stage to the pipeline of studies that run by name."""
    (project / "benchmarks").mkdir()
    text = (project / "dvc.yaml").read_text(encoding="utf-8")
    meta = f"    wdir: ..\n    meta: {{measured: {json.dumps(measured)}}}\n"
    (project / "benchmarks" / "dvc.yaml").write_text(text + meta, encoding="utf-8")
    (project / "dvc.yaml").unlink()


def test_equal_metrics_pass(committed):
    assert "tiny: ok (identical required)" in verify.against_commit(committed)


def test_a_deterministic_stage_may_not_move_at_all(committed):
    write(committed, 100.0000001)
    with pytest.raises(VerifyError) as error:
        verify.against_commit(committed)
    assert "overall.a.m.x: committed 100.0, now 100.0000001 (+1e-07 %)" in str(error.value)
    assert "Differs from the committed metrics: tiny." in str(error.value)


def test_a_stated_tolerance_lets_a_small_move_pass_and_prints_it(committed):
    tolerate(committed, 0.02)
    write(committed, 101.0)
    text = verify.against_commit(committed)
    assert "identical, m within 2 % required" in text
    assert "overall.a.m.x: committed 100.0, now 101.0 (+1 %)" in text


def test_the_tolerance_of_one_model_holds_for_no_other(committed):
    tolerate(committed, 0.02)
    content = json.loads((committed / METRICS).read_text(encoding="utf-8"))
    content["overall"]["a"]["n"]["x"] = 2.001
    (committed / METRICS).write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(VerifyError, match="overall.a.n.x"):
        verify.against_commit(committed)


SAID = "The LSTM is 3.75 % off, 1,204 MW"


@pytest.mark.parametrize(
    ("now", "held"),
    [
        ("The LSTM is 3.81 % off, 1,220 MW", True),
        ("The LSTM is 3.76 % off, 1,205 MW", True),
        ("The LSTM is 3.95 % off, 1,204 MW", False),
        ("The GRU is 3.75 % off, 1,204 MW", False),
        ("The LSTM is 3.75 % off", False),
    ],
    ids=["near", "last digit", "too far", "another word", "a number less"],
)
def test_a_sentence_may_name_a_model_with_a_tolerance(committed, now, held):
    tolerate(committed, 0.02)
    content = json.loads((committed / METRICS).read_text(encoding="utf-8"))
    for text, commit in ((SAID, True), (now, False)):
        content["headline"]["sentence"] = text
        (committed / METRICS).write_text(json.dumps(content), encoding="utf-8")
        if commit:
            git("commit", "-qam", "said")
    if held:
        assert "headline.sentence" in verify.against_commit(committed)
    else:
        with pytest.raises(VerifyError, match="headline.sentence"):
            verify.against_commit(committed)


def test_a_sentence_of_a_deterministic_stage_may_not_move(committed):
    content = json.loads((committed / METRICS).read_text(encoding="utf-8"))
    content["headline"]["sentence"] = "3.75 % off"
    (committed / METRICS).write_text(json.dumps(content), encoding="utf-8")
    git("commit", "-qam", "said")
    content["headline"]["sentence"] = "3.76 % off"
    (committed / METRICS).write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(VerifyError, match="headline.sentence"):
        verify.against_commit(committed)


def test_what_has_not_run_here_is_not_called_verified(committed):
    (committed / "reports" / "tiny.html").unlink()
    with pytest.raises(VerifyError, match=r"reports/tiny.html does not exist; run `dvc repro`"):
        verify.against_commit(committed)


def test_nothing_to_compare_is_refused(committed):
    text = (committed / "dvc.yaml").read_text(encoding="utf-8")
    (committed / "dvc.yaml").write_text(text.partition("    metrics:")[0], encoding="utf-8")
    with pytest.raises(UsageError, match="nothing to compare"):
        verify.against_commit(committed)


@pytest.mark.parametrize("value", [103.0, None, "100"], ids=["too far", "gone", "text"])
def test_a_move_beyond_the_tolerance_fails(committed, value):
    tolerate(committed, 0.02)
    write(committed, value)
    with pytest.raises(VerifyError, match="DIFFERS"):
        verify.against_commit(committed)


def test_a_new_value_is_a_difference(committed):
    content = json.loads((committed / METRICS).read_text(encoding="utf-8"))
    content["overall"]["b"] = {"m": {"x": 1}}
    (committed / METRICS).write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(VerifyError, match="overall.b"):
        verify.against_commit(committed)


def test_metrics_that_were_not_made_or_not_committed_are_one_sentence(committed):
    (committed / METRICS).unlink()
    with pytest.raises(VerifyError, match="does not exist; run `dvc repro` first"):
        verify.against_commit(committed)
    write(committed, 100.0)
    git("rm", "-q", "--cached", METRICS)
    git("commit", "-qm", "gone")
    with pytest.raises(VerifyError, match="is not in git's HEAD"):
        verify.against_commit(committed)


def test_an_unknown_study_is_refused(committed):
    with pytest.raises(UsageError, match="Unknown study 'tin'"):
        verify.against_commit(committed, ["tin"])


def test_outputs_are_held_against_the_committed_lock(committed):
    text = (
        "stages:\n  tiny:\n    outs:\n    - {{path: dvc.yaml, md5: {md5}}}\n"
        "    - {{path: none, md5: abc}}\n"
    )
    md5 = verify._md5(committed / "dvc.yaml")
    (committed / "dvc.lock").write_text(text.format(md5=md5), encoding="utf-8")
    git("add", "-f", "dvc.lock")
    git("commit", "-qm", "lock")
    assert "1 of 2 outputs have the bytes of the committed dvc.lock" in verify.against_commit(
        committed
    )


def test_twice_passes_where_two_runs_agree(project):
    text = verify.twice(project)
    assert "tiny: 3 outputs, 0 differ" in text
    assert not (project / "reports").exists()


def test_twice_finds_what_changes_between_two_runs(project, rewrite):
    (project / "dvc.yaml").write_text(
        "stages: {tiny: {cmd: lab run tiny, outs: [reports/tiny.html, out.txt]}}", encoding="utf-8"
    )
    rewrite(
        "import time\nfrom lab import paths\npaths.output('out.txt').write_text(str(time.time()))"
    )
    with pytest.raises(VerifyError, match="Two runs differ in tiny: out.txt"):
        verify.twice(project)


def show_the_time(project):
    """Let the study's report end with a clock."""
    path = project / "notebooks" / "tiny.ipynb"
    found = notebooks.read(path)
    clock = {"cell_type": "code", "source": "import time\ntime.time()", "metadata": {}}
    notebooks.write({**found, "cells": [*found["cells"], clock]}, path)


def test_what_shows_measured_seconds_is_not_compared(project):
    show_the_time(project)
    by_name(project, ["reports/tiny.html"])
    text = verify.twice(project, ["tiny"])
    assert "tiny: 2 outputs, 0 differ" in text
    assert "reports/tiny.html shows measured seconds and is not compared" in text


def test_a_clock_that_is_not_declared_is_found(project):
    show_the_time(project)
    by_name(project, [])
    with pytest.raises(VerifyError, match="Two runs differ in tiny: reports/tiny.html"):
        verify.twice(project, ["tiny"])


def test_twice_runs_every_variant_of_a_matrix(parts):
    text = verify.twice(parts, ["parts"])
    for part in ("AA", "BB"):
        assert f"parts_{part}: 2 outputs, 0 differ" in text
        assert f"reports/parts_{part}.html shows measured seconds and is not compared" in text


def test_every_variant_is_held_against_its_own_metrics_and_stage(parts):
    git("init", "-q")
    for part in ("AA", "BB"):
        for path in find("parts", parts).of({"part": part}).outputs:
            (parts / path).parent.mkdir(parents=True, exist_ok=True)
            (parts / path).write_text(json.dumps({"overall": {"all": part}}), encoding="utf-8")
    report = "reports/parts_BB.html"
    outs = f"    outs: [{{path: {report}, md5: {verify._md5(parts / report)}}}]"
    lock = f"stages:\n  parts@BB:\n{outs}\n"
    (parts / "benchmarks" / "dvc.lock").write_text(lock, encoding="utf-8")
    git("add", "-f", "benchmarks", "reports/metrics")
    git("commit", "-qm", "first")
    text = verify.against_commit(parts, ["parts"])
    assert "parts_AA: ok (identical required); 0 of 0 outputs" in text
    assert "parts_BB: ok (identical required); 1 of 1 outputs" in text
    moved = parts / "reports" / "metrics" / "parts_BB.json"
    moved.write_text('{"overall": {"all": 1}}', encoding="utf-8")
    with pytest.raises(VerifyError, match=r"committed metrics: parts_BB\."):
        verify.against_commit(parts, ["parts"])
    (parts / report).unlink()
    with pytest.raises(VerifyError, match="parts_BB has not run here"):
        verify.against_commit(parts, ["parts"])


def test_a_study_by_name_is_compared_when_it_is_named_only(committed):
    by_name(committed, [])
    with pytest.raises(UsageError, match="None of the studies has a metrics file"):
        verify.against_commit(committed)
    text = verify.against_commit(committed, ["tiny"])
    assert "tiny: ok" in text
    assert "no benchmarks/dvc.lock committed" in text
    (committed / "reports" / "tiny.html").unlink()
    with pytest.raises(VerifyError, match="run `make benchmarks` first"):
        verify.against_commit(committed, ["tiny"])
