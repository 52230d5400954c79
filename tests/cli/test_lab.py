from __future__ import annotations

import pytest

from gitops_sim.cli import main
from gitops_sim.cli.lab import lay_out
from gitops_sim.course.shipped import shipped


def test_notebooks_are_copied_once_and_work_in_them_is_never_overwritten(tmp_path):
    first = lay_out(shipped("notebooks"), tmp_path)
    assert first == "01-what-is-gitops.ipynb"
    (tmp_path / first).write_text("my own notes")
    lay_out(shipped("notebooks"), tmp_path)
    assert (tmp_path / first).read_text() == "my own notes"


def test_jupyter_starts_in_the_workspace(tmp_path, monkeypatch):
    started = {}
    monkeypatch.setattr("os.execve", lambda path, words, env: started.update(words=words, env=env))
    with pytest.raises(SystemExit) as ended:
        main(["lab", "--no-browser", "--workspace", str(tmp_path / "mine")])
    assert not ended.value.code
    assert f"--notebook-dir={tmp_path / 'mine'}" in started["words"]
    assert started["env"]["GITOPS_SIM_HOME"] == str(tmp_path / "mine")


def test_without_jupyterlab_the_way_to_install_it_is_told(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SystemExit) as ended:
        main(["lab", "--workspace", str(tmp_path)])
    assert ended.value.code == 2
    assert "gitops-sim[notebook]" in capsys.readouterr().err
