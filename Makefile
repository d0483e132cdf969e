# The two commands of the README are `make demo` and `make test`; each does all of its own set-up.
# `make help` lists the rest.

VENV   := .venv
PYTHON ?= python3
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
BUILT  := pyproject.toml setup.py $(wildcard ext/*.pyx)

# Most tests wait most of the time, so they run side by side; those that count milliseconds have the machine to themselves.
BY_FILE := --dist loadfile --no-loadscope-reorder
# The longest test takes a minute: one that never ends says where it stands and fails, and does not hold up all others.
NO_HANG := -o faulthandler_timeout=600 -o faulthandler_exit_on_timeout=true

# $(call need,CHECK,PACKAGES,WHAT FOR): installs Debian packages when CHECK fails, where we are root and apt exists
define need
@{ $(1); } >/dev/null 2>&1 || { \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "installing $(2) ($(3))"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $(2) >/dev/null; \
	else \
		echo "missing: $(2) ($(3)); as root: apt-get install $(2)" >&2; $(4) \
	fi; }
endef

.PHONY: demo test soak faults service fuzz bench agreement lint docs operations help clean servers

help:             ## this list
	@sed -n 's/^\([a-z]*\): .*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

demo: $(READY)    ## a day of calls through the real daemon; needs neither Asterisk nor Redis
	@$(BIN)/asterisk-router demo

test: $(READY) servers  ## every test, on a real Asterisk and a real Redis that the tests start and stop
	@failed=; \
	$(BIN)/python -m pytest -m "not alone and not patient" -n 2 $(BY_FILE) $(NO_HANG) $(PYTEST) || failed=" side by side"; \
	$(BIN)/python -m pytest -m "patient and not alone" -n 3 $(BY_FILE) $(NO_HANG) $(PYTEST) || failed="$$failed patient"; \
	$(BIN)/python -m pytest -m alone $(NO_HANG) $(PYTEST) || failed="$$failed alone"; \
	test -z "$$failed" || { echo "tests failed:$$failed (each part's summary is above)" >&2; exit 1; }

soak: $(READY) servers  ## what takes minutes: Redis away for two of them, 50 rolling restarts under load
	@ASTERISK_ROUTER_SOAK_S=120 $(BIN)/python -m pytest -s tests/daemon/workers/test_keeper.py \
		tests/live/test_registry_faults.py tests/live/test_registry.py

faults: $(READY) servers  ## breaks what the router stands on, under calls, and writes docs/decisions/faults.md: half an hour
	@$(BIN)/python -m tests.faults --markdown docs/decisions/faults.md

service: $(READY) servers  ## the service under live systemds of two Debians, and writes docs/decisions/service.md: 20 minutes, as root
	@$(BIN)/python -m tests.service --markdown docs/decisions/service.md

fuzz: $(READY)    ## bytes of others at length: a million environments, every reader, the kernels under sanitizers; writes docs/decisions/fuzz.md
	@$(BIN)/pip install -q --disable-pip-version-check 'setuptools>=77' 'Cython>=3.1'
	@$(BIN)/pip install -q --disable-pip-version-check --only-binary :all: atheris || echo "no atheris for this Python" >&2
	@$(BIN)/python -m tests.fuzz --markdown docs/decisions/fuzz.md

bench: $(READY) servers  ## the figures of docs/decisions/, side by side in one run
	@$(BIN)/pip install -q -e '.[bench]'
	@$(BIN)/python -m tests.bench

agreement: $(READY)  ## ours against the truth of others, at length: numbers, explanations, staffing, simulation
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps pyworkforce
	@$(BIN)/python -m tests.agreement

lint: $(READY)    ## ruff and mypy
	@$(BIN)/pip install -q ruff mypy
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

docs: $(READY)    ## writes the generated documents anew
	@$(BIN)/python -m tests.rules.generated_docs

operations: $(READY) servers  ## generates the operations of the ARI client anew, from the Asterisks of the tests
	@$(BIN)/python -m tests.rules.ari_operations

clean:            ## removes the virtual environment and everything built
	rm -rf $(VENV) build *.egg-info asterisk_router/_native/*.so ext/*.c

$(READY): $(BUILT)
	$(call need,$(PYTHON) -c 'import venv$(comma) ensurepip',python3-venv,the virtual environment,exit 1;)
	$(call need,command -v cc && test -f "$$($(PYTHON) -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h",gcc libc6-dev python3-dev,the compiled kernels,echo "going on with the plain twins" >&2;)
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	@echo "setting up $(VENV)"
	@$(BIN)/pip install -q --disable-pip-version-check -e '.[test]'
	@touch $@

servers:
	$(call need,command -v redis-server && command -v redis-cli,redis-server,a real Redis,exit 1;)
	$(call need,command -v sipp,sip-tester,SIP calls to the real Asterisk,exit 1;)
	$(call need,command -v debootstrap,debootstrap,a real Asterisk,exit 1;)
	$(call need,command -v systemd-analyze,systemd,what the unit leaves open,exit 1;)

comma := ,
