# Two commands to remember: make demo, make test. The rest is for people who work on the course.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/pip --disable-pip-version-check -q

.PHONY: demo lab test lint unit notebooks check-notebooks browser bench clean

demo: .venv/core
	@$(BIN)/gitops-sim demo

lab: .venv/notebook
	@$(BIN)/gitops-sim lab

test: lint unit check-notebooks

.venv/pip: constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "GitOps Sim needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12 ...")'
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/core: .venv/pip pyproject.toml
	@echo "Installing GitOps Sim into .venv (once) ..."
	@$(PIP) install -c constraints.txt -e .
	@touch $@

.venv/notebook: .venv/core
	@echo "Installing JupyterLab and the widgets into .venv (once, about a minute) ..."
	@$(PIP) install -c constraints.txt -e '.[notebook]'
	@touch $@

.venv/test: .venv/core
	@echo "Installing what the tests need into .venv (once, about a minute) ..."
	@$(PIP) install -c constraints.txt -e '.[test]'
	@touch $@

.venv/browser: .venv/test
	@$(PIP) install -c constraints.txt -e '.[browser]'
	@touch $@

lint: .venv/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

unit: .venv/test
	$(BIN)/pytest -n auto -rs --cov --cov-report=
	$(BIN)/coverage report --include='gitops_sim/clock.py,gitops_sim/trace.py,gitops_sim/cluster/*,gitops_sim/forge/*,gitops_sim/agents/*' --fail-under=95 --skip-covered

notebooks: .venv/test
	$(BIN)/python tests/notebook/regenerate.py

check-notebooks: .venv/test
	$(BIN)/pytest --nbval -p no:cacheprovider notebooks
	$(BIN)/pytest --nbval -p no:cacheprovider notebooks

browser: .venv/browser
	$(BIN)/pytest -m browser -rs tests/browser

bench: .venv/test
	$(BIN)/python bench/start.py
	$(BIN)/python bench/notebooks.py
	$(BIN)/python bench/grading.py
	$(BIN)/python bench/api.py
	$(BIN)/python bench/render.py
	$(BIN)/python bench/agents.py

clean:
	rm -rf .venv dist build .coverage* .pytest_cache .mypy_cache .ruff_cache
