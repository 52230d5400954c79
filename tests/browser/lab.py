"""A JupyterLab of its own for the tests: on loopback, with nothing of the user's settings, on copies of the notebooks."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import nbformat
from nbformat.sign import NotebookNotary

from gitops_sim.cli.lab import lay_out
from gitops_sim.course.shipped import shipped
from gitops_sim.course.workspace import HOME

SETTINGS = {
    "apputils-extension/notification": '{"fetchNews": "false", "checkForUpdates": false, "doNotDisturbMode": true}',
    "notebook-extension/tracker": '{"windowingMode": "none"}',  # all cells are on the page, so a test can look for them
}


class Lab:
    """A running JupyterLab on the course as ``gitops-sim lab`` lays it out."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.notebooks = folder / "course" / "notebooks"
        lay_out(shipped("notebooks"), self.notebooks)
        for name, text in SETTINGS.items():
            path = folder / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        self.token = secrets.token_hex(8)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.log = folder / "jupyter.log"
        self._server = self._start()

    def fresh(self, notebook: str, reader: str) -> str:
        """The address of a copy for one reader, with a kernel of its own.

        Stored execution counts are taken away in it, so that a count on the page says that the cell ran there.
        """
        source = next(self.notebooks.glob(f"{notebook}*.ipynb"))
        read = nbformat.read(source, as_version=4)
        for cell in read.cells:
            if cell.cell_type == "code":
                cell.execution_count = None
        name = f"{reader}-{source.name}"
        nbformat.write(read, self.notebooks / name)
        NotebookNotary().sign(read)
        return f"http://127.0.0.1:{self.port}/lab/tree/notebooks/{name}?token={self.token}&reset"

    def stop(self) -> None:
        self._server.terminate()
        try:
            self._server.wait(20)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()

    def wait(self, seconds: float = 90) -> None:
        """Until it answers. Raises RuntimeError with its log when it ends or does not get there."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and self._server.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api?token={self.token}", timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        raise RuntimeError(f"JupyterLab did not start:\n{self.log.read_text(errors='replace')[-3000:]}")

    def _start(self) -> subprocess.Popen[bytes]:
        course = self.folder / "course"
        own = {
            HOME: str(course),
            "JUPYTER_CONFIG_DIR": str(self.folder / "config"),
            "JUPYTER_RUNTIME_DIR": str(self.folder / "runtime"),
            "JUPYTERLAB_SETTINGS_DIR": str(self.folder / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(self.folder / "workspaces"),
            "IPYTHONDIR": str(self.folder / "ipython"),
        }
        words = [sys.executable, "-m", "jupyterlab", f"--notebook-dir={course}", "--no-browser", "--allow-root"]
        words += ["--ip=127.0.0.1", f"--port={self.port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={self.token}"]
        words += ["--LabApp.extension_manager=readonly", "--LabApp.expose_app_in_browser=True"]
        with self.log.open("wb") as log:
            return subprocess.Popen(words, env={**os.environ, **own}, stdout=log, stderr=log, cwd=self.folder)
