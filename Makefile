# Every target sets itself up: it finds Python, makes .venv, installs from the lock, and skips what is up to date.
.PHONY: demo test faults check format docs gallery bench bench-million soak lock clean
SHELL := /bin/bash
BIN := .venv/bin
JOBS ?= 2

demo: .venv/.runtime          ## the whole road on an invented magazine, nothing leaves this machine
	@$(BIN)/newsletter demo

test: .venv/.gates            ## the suite, on SQLite and on a real PostgreSQL
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder -m "not faults and not long"
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder --postgres -m "postgres and not faults and not long"
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile -m "faults and not long"

faults: .venv/.dev            ## 20,000 readers, 20 kills, five seeds: the promises, counted
	@$(BIN)/python -m pytest -m long
	@$(BIN)/python -m tests.faults.long

check: .venv/.dev             ## format, lint, types, import contracts, house rules
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/mypy
	@$(BIN)/python -m pytest -q --no-header --durations=0 tests/house

format: .venv/.dev
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

gallery: .venv/.dev           ## docs/gallery: both themes on desktop, phone, by night and with images off; needs a Chromium
	@$(BIN)/newsletter theme check --gallery docs/gallery
	@$(BIN)/python scripts/picture docs/gallery docs/digest.png

docs: .venv/.dev              ## the documentation as a site in build/site; a link or an anchor that leads nowhere ends it
	@$(BIN)/sphinx-build -q -W --keep-going -d build/doctrees -c docs/site . build/site
	@echo "The site is in build/site: open build/site/index.html"

bench: .venv/.dev             ## each benchmark prints its figure and its baseline
	@for script in benchmarks/bench_*.py; do echo "== $$script"; PYTHONPATH=. $(BIN)/python $$script || exit 1; done

bench-million: .venv/.dev     ## an edition of 1,000,000 from plan to report, by real workers; half an hour on a slow machine
	@PYTHONPATH=. $(BIN)/python benchmarks/million.py

soak: .venv/.dev              ## a year of 52 editions with something killed each minute: promises kept, memory and files flat; 20 minutes
	@PYTHONPATH=. $(BIN)/python benchmarks/soak.py

lock:                         ## needs uv; pins every dependency with its hashes
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --group dev pyproject.toml -o requirements-dev.lock -c requirements.lock

.venv/.runtime: requirements.lock pyproject.toml scripts/setup
	@scripts/setup runtime

.venv/.dev: requirements-dev.lock requirements.lock pyproject.toml scripts/setup
	@scripts/setup dev

.venv/.gates: .venv/.dev tests/gates/package-lock.json scripts/gates
	@scripts/gates

clean:
	rm -rf .venv var build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
