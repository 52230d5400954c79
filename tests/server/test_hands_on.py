"""The hands-on exercise of the module, line for line in a shell with a real kubectl, against ``gitops-sim serve``.

Its one line that only works on a Mac, ``sed -i ''``, is in the form that works everywhere.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.server.tools import KUBECTLS, Shell, Terminal, serving

STEPS = r"""
# 1. Create a "Git repo" (directory)
mkdir -p ~/gitops-demo/manifests
cd ~/gitops-demo

# 2. Create initial desired state
cat << 'EOF' > manifests/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: gitops-demo
spec:
  replicas: 2
  selector:
    matchLabels:
      app: gitops-demo
  template:
    metadata:
      labels:
        app: gitops-demo
    spec:
      containers:
      - name: nginx
        image: nginx:1.24
EOF

# 3. Apply (simulate GitOps sync)
kubectl apply -f manifests/

# 4. Verify
kubectl get deployment gitops-demo

# 5. Simulate drift (manual change)
kubectl scale deployment gitops-demo --replicas=5

# 6. Check drift
kubectl get deployment gitops-demo
# Shows 5 replicas

# 7. Reconcile (simulate GitOps correction)
kubectl apply -f manifests/
# Back to 2 replicas!

# 8. Make a "Git change"
sed -i.bak 's/nginx:1.24/nginx:1.25/' manifests/deployment.yaml && rm manifests/deployment.yaml.bak

# 9. Apply new state (simulate GitOps sync)
kubectl apply -f manifests/

# 10. Verify update
kubectl get deployment gitops-demo -o jsonpath='{.spec.template.spec.containers[0].image}'
# Shows nginx:1.25

# 11. Cleanup
kubectl delete -f manifests/
rm -rf ~/gitops-demo
"""

TABLE = r"NAME          READY   UP-TO-DATE   AVAILABLE   AGE\ngitops-demo   {0}/{0}     {0}            {0}           \d+m?\d*s?\n"
PRINTS = {
    3: r"deployment\.apps/gitops-demo created\n",
    4: TABLE.format(2),
    5: r"deployment\.apps/gitops-demo scaled\n",
    6: TABLE.format(5),
    7: r"deployment\.apps/gitops-demo configured\n",
    9: r"deployment\.apps/gitops-demo configured\n",
    10: r"nginx:1\.25",
    11: r'deployment\.apps "gitops-demo" deleted( from default namespace)?\n',
}
"""What steps print; the others print nothing. kubectl 1.32 does not name the namespace of what it deletes."""


def test_there_are_eleven_steps() -> None:
    assert [int(number) for number in re.findall(r"(?m)^# (\d+)\. ", STEPS)] == list(range(1, 12))


@pytest.mark.parametrize("version", KUBECTLS)
def test_every_step_and_what_it_prints(version: str, tmp_path: Path) -> None:
    """A simulated second lasts 10 ms here, so that what a step began is done when the next one looks."""
    with serving(tmp_path, "--speed", "100") as (_, export):
        shell = Shell(tmp_path / "home", Path("/nowhere"), {"kubectl": KUBECTLS[version]})
        with Terminal(shell) as terminal:
            terminal(export)
            for number, step in enumerate(re.split(r"(?m)^(?=# \d+\. )", STEPS)[1:], 1):
                said = terminal(step)
                assert said.exit == 0, step
                assert said.stderr == "", step
                assert re.fullmatch(PRINTS.get(number, ""), said.stdout), f"{step}\n{said.stdout}"
            assert terminal("kubectl get deployment gitops-demo").exit == 1
            assert terminal("ls -d ~/gitops-demo").stdout == ""
