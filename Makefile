# All commands of the project. Without Docker they make and use .virtualenv by themselves; in a container of
# dev/Dockerfile, which sets OPENSLIDES_CONTAINER, they use what is installed there.

SHELL := /bin/bash
.DEFAULT_GOAL := all

# What may be set on the command line: make test ARGS="tests/unit -k topic", make conformance ONLY=topic,tag
ARGS ?=
CONFORMANCE ?= ../shared/conformance
ONLY ?=
IMAGE ?= openslides-backend
PYTHON_IMAGE ?=
SECRETS ?= $(CURDIR)/.local/secrets

SOURCES := openslides_backend dev tests
VIRTUALENV := .virtualenv
REQUIREMENTS := requirements/production.txt requirements/s3.txt requirements/development.txt dev/requirements_development.txt

ifdef OPENSLIDES_CONTAINER
PYTHON := python
BIN :=
READY :=
else
PYTHON := $(VIRTUALENV)/bin/python
BIN := $(VIRTUALENV)/bin/
READY := $(VIRTUALENV)/.installed
endif

COMPOSE = $(shell docker compose version >/dev/null 2>&1 && echo docker compose || echo docker-compose)
COMPOSE_DEV = $(COMPOSE) --file dev/docker-compose.dev.yml


.PHONY: all
all: lint types test  ## style, types and tests together

$(VIRTUALENV)/.installed: $(REQUIREMENTS) dev/virtualenv.sh
	@dev/virtualenv.sh $(VIRTUALENV)
	@touch $@

.PHONY: virtualenv
virtualenv: $(READY)  ## the virtual environment with everything installed

# -- Running

.PHONY: run-local
run-local: $(READY)  ## the whole service on this machine, with example data on the first start
	@OPENSLIDES_DEVELOPMENT=$${OPENSLIDES_DEVELOPMENT-1} \
	OPENSLIDES_BACKEND_CREATE_INITIAL_DATA=$${OPENSLIDES_BACKEND_CREATE_INITIAL_DATA-1} \
	exec $(PYTHON) -m openslides_backend.embedded

.PHONY: run-debug
run-debug: $(READY)  ## action and presenter in development mode; the other services must be running
	@OPENSLIDES_DEVELOPMENT=1 exec $(PYTHON) -m openslides_backend

# -- Docker

.PHONY: start-dev-interactive
start-dev-interactive:  ## the containers for development, with their logs
	$(COMPOSE_DEV) up --build

.PHONY: start-dev
start-dev:  ## the same in the background
	$(COMPOSE_DEV) up --build --detach

.PHONY: run-dev-standalone
run-dev-standalone:  ## a shell in the running backend container
	$(COMPOSE_DEV) exec backend bash

.PHONY: run-dev
run-dev: start-dev run-dev-standalone  ## both at once

.PHONY: stop-dev
stop-dev:  ## stop the containers for development and remove their data
	$(COMPOSE_DEV) down --volumes --remove-orphans

.PHONY: build-prod
build-prod:  ## the production image; PYTHON_IMAGE=python:3.12-slim@sha256:... pins its base, S3=1 adds buckets
	docker build --tag $(IMAGE) $(if $(PYTHON_IMAGE),--build-arg PYTHON_IMAGE=$(PYTHON_IMAGE)) $(if $(S3),--build-arg S3=1) \
		--build-arg VERSION="$$(sed -n 's/^VERSION = "\(.*\)"$$/\1/p' openslides_backend/version.py)" \
		--build-arg REVISION="$$(git rev-parse HEAD)" .

.PHONY: run-prod
run-prod:  ## the production image on the host's network, with the secrets of $(SECRETS)
	docker run --rm --interactive --tty --network host --volume $(SECRETS):/run/secrets:ro $(IMAGE)

# -- Checking

.PHONY: test
test: $(READY)  ## the tests; ARGS="tests/unit -k topic" for some of them
	$(PYTHON) -m pytest -n 2 $(ARGS)

.PHONY: test-long
test-long: $(READY)  ## the long versions of the fuzz, outage and kill tests, which `make test` leaves out
	$(PYTHON) -m pytest -n 2 -m long $(ARGS)

.PHONY: lint
lint: $(READY)  ## style, and which room imports from which
	$(PYTHON) -m ruff check $(SOURCES)
	$(PYTHON) -m ruff format --check $(SOURCES)
	$(BIN)lint-imports --no-logo

.PHONY: format
format: $(READY)  ## bring the code into its form, and mend what can be mended
	$(PYTHON) -m ruff check --fix $(SOURCES)
	$(PYTHON) -m ruff format $(SOURCES)

.PHONY: types
types: $(READY)  ## the types, with mypy
	$(PYTHON) -m mypy $(SOURCES)

.PHONY: count-tokens
count-tokens: $(READY)  ## how many tokens the rooms and collections have, without imports, comments and docstrings
	$(PYTHON) -m dev.count_tokens

.PHONY: conformance
conformance: $(READY)  ## the recorded cases against a stack of its own; ONLY names files, else the finished ones
	$(PYTHON) -m dev.conformance --folder $(CONFORMANCE) --only "$(ONLY)" $(ARGS)

.PHONY: benchmark
benchmark: $(READY)  ## speed and memory of a stack of its own; ARGS="--database URL" for PostgreSQL, --quick for less
	$(PYTHON) -m dev.benchmark $(ARGS)

.PHONY: benchmark-vote
benchmark-vote: $(READY)  ## speed of the vote service; ARGS="--database URL" for PostgreSQL, --quick for less
	$(PYTHON) -m dev.vote_benchmark $(ARGS)

.PHONY: check-compose
check-compose: $(READY)  ## the Compose file for development and the Dockerfiles
	$(PYTHON) -m pytest tests/unit/dev/test_docker_files.py
	@if docker compose version >/dev/null 2>&1; then $(COMPOSE_DEV) config --quiet; fi

# -- Generated files

.PHONY: generate-models
generate-models: $(READY)  ## models and permissions from global/meta
	$(PYTHON) -m dev.generate_models

.PHONY: check-models
check-models: $(READY)  ## whether models and permissions are up to date
	$(PYTHON) -m dev.generate_models --check

.PHONY: compile-translations
compile-translations: $(READY)  ## the catalogues of texts that the service reads
	$(PYTHON) -m dev.compile_translations

.PHONY: check-translations
check-translations: $(READY)  ## whether the catalogues are up to date
	$(PYTHON) -m dev.compile_translations --check

.PHONY: example-data
example-data: $(READY)  ## the example data, made by the service's own actions
	$(PYTHON) -m dev.create_example_data

.PHONY: check-example-data
check-example-data: $(READY)  ## whether the example data are up to date
	$(PYTHON) -m dev.create_example_data --check

.PHONY: lock
lock: $(READY)  ## exact versions and hashes of all requirements; add ARGS=--upgrade for newer ones
	$(PYTHON) -m dev.lock $(ARGS)

.PHONY: check-lock
check-lock: $(READY)  ## whether the locks fit the requirements
	$(PYTHON) -m dev.lock --check

.PHONY: clean
clean:  ## caches and the virtual environment; the data in .local stay
	rm -rf $(VIRTUALENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help
help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | expand -t 26
