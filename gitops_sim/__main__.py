"""``python -m gitops_sim`` is ``gitops-sim``."""

from gitops_sim.cli import main

if __name__ == "__main__":
    main()
