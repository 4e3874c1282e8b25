# Everything this project can do, by name. `make run` shows the whole; `make test` proves it.
SHELL := /bin/bash
PYTHON ?= python3
PY := .venv/bin/python
MEMBERS := shared/contracts shared/kit services/scoring services/evidence services/feedback services/notification services/collection cli deploy/stack deploy/demo
UV_VERSION := 0.13.9
KAOHE_DATA ?= ../shared/data
COVERAGE_FLOOR := 90
LONGEST_FIRST := e2e integration unit contract # what takes minutes is begun first, else one core waits for the other at the end
# Some seventeen processes share .venv: where bytecode may not be kept, each start would compile all of it again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help venv lock lint format schemas docs types architecture unit check test faults run up status stop logs load-traffic-fines load-environment-penalties clean-stack

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.venv/.installed: requirements.lock $(addsuffix /pyproject.toml,$(MEMBERS))
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name it: make PYTHON=python3.12 $(MAKECMDGOALS) 需要 Python 3.11 以上"; exit 1; }
	@test -x .venv/bin/uv || { echo "making .venv 正在建立虚拟环境 ..."; $(PYTHON) -m venv .venv && .venv/bin/pip install -q uv==$(UV_VERSION); }
	@echo "installing packages 正在安装依赖 ..."
	@.venv/bin/uv pip install -q --python $(PY) --require-hashes -r requirements.lock
	@.venv/bin/uv pip install -q --python $(PY) --no-deps $(addprefix -e ,$(MEMBERS))
	@touch $@

venv: .venv/.installed ## the virtual environment, from requirements.lock

lock: ## resolve all members into requirements.lock
	.venv/bin/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock" \
	  $(addprefix --no-emit-package kaohe-,$(notdir $(MEMBERS))) \
	  $(addsuffix /pyproject.toml,$(MEMBERS)) --group pyproject.toml:dev -o requirements.lock

format: venv ## ruff's formatting and safe fixes
	.venv/bin/ruff check -q --fix-only . ; .venv/bin/ruff format -q .

lint: venv ## ruff with all rules, formatting, dead code, the image, each member's dependencies
	.venv/bin/ruff check .
	.venv/bin/ruff format --check -q .
	.venv/bin/vulture
	.venv/bin/hadolint deploy/images/Dockerfile
	@for member in $(MEMBERS); do (cd $$member && $(CURDIR)/.venv/bin/deptry src $$(test -d migrations && echo migrations) --package-module-name-map "kaohe-kit=kit,kaohe-contracts=contracts,pyyaml=yaml" >$(CURDIR)/.venv/deptry.log 2>&1) || { echo $$member; cat .venv/deptry.log; exit 1; }; done

schemas: venv ## the public language as JSON Schema files
	$(PY) -m contracts.schemas shared/contracts/schemas

docs: venv ## the pages that the code says itself: docs/reference, states of a rectification
	$(PY) docs/generate.py
	$(PY) -m feedback.domain.drawing > docs/feedback-states.md

types: venv ## mypy, strict
	.venv/bin/mypy

architecture: venv ## who may import whom
	.venv/bin/lint-imports --no-logo

unit: venv ## tests without servers
	$(PY) -m pytest -q tests/unit tests/contract

check: lint types architecture unit ## what each commit must pass

test: venv ## everything: lint, types, architecture, and all tests on real servers; says how long each level took
	@for level in lint types architecture; do began=$$SECONDS; $(MAKE) -s $$level || exit 1; echo "$$level: $$((SECONDS - began)) s"; done
	$(PY) -m pytest -q $(addprefix tests/,$(LONGEST_FIRST)) --numprocesses 2 --dist loadfile --no-loadscope-reorder --cov --cov-report=term:skip-covered --cov-fail-under=$(COVERAGE_FLOOR) --durations=15 --durations-min=5
	@$(MAKE) -s faults

faults: venv ## break things on purpose and check what is promised; KAOHE_FAULTS=long for long, KAOHE_SEED=n for the same again
	@$(PY) -m pytest tests/faults -q -s || { echo "once more what failed, with other dice: only what fails twice fails; the first failure and its seed stand above"; \
	  $(PY) -m pytest tests/faults -q -s --last-failed --last-failed-no-failures none; }

run: venv ## the whole platform on this machine, in the foreground, with the demonstration bureau; Ctrl-C stops it
	@exec $(PY) -m stack run

up: venv ## the same, detached; returns when all is ready
	@exec $(PY) -m stack up

status: venv ## the screen again: services, facts, standings, rectifications, messages
	@exec $(PY) -m stack status

stop: venv ## end what `make up` or `make run` started
	@exec $(PY) -m stack stop

logs: ## follow the logs of all, or of one: make logs NAME=feedback
	@exec tail -n 20 -F .stack/logs/$(or $(NAME),*).log

load-traffic-fines: venv ## a real event log into a cycle of its own on the running stack; prints the standings
	@exec $(PY) -m demo.real traffic-fines $(KAOHE_DATA)

load-environment-penalties: venv ## four real registers, one after the other, likewise
	@exec $(PY) -m demo.real environment-penalties $(KAOHE_DATA)

clean-stack: venv ## forget the local stack's data and keys (downloads stay)
	@exec $(PY) -m stack clean
