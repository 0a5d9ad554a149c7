# Each target is one plain command, named in the README for those without make.
PYTHON ?=
BIN := .venv/bin
# The tests start hundreds of processes: none of them compiles our modules anew.
unexport PYTHONDONTWRITEBYTECODE
# An environment whose Python is gone is made anew.
$(shell [ -e .venv/bin/python ] || rm -f .venv/run .venv/dev)

.PHONY: help run demo demo-check up down cluster-demo cluster-demo-check bench-cluster images-check compose-check test check lint long bench quality format lock docs wheel clean

help:            ## what there is
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 22

.venv/run: constraints/run.txt pyproject.toml install.py
	@sh ./python.sh --install run $(PYTHON)

.venv/dev: constraints/dev.txt pyproject.toml install.py
	@sh ./python.sh --install dev $(PYTHON)

run: .venv/run   ## start Ceasewire; the address of the desk is printed
	@$(BIN)/ceasewire run

demo: .venv/run  ## play the sample day, no network needed
	@$(BIN)/ceasewire demo

demo-check: .venv/run  ## play the sample day without a person and check the outcome
	@$(BIN)/ceasewire demo --check

up: .venv/run    ## start the cluster edition in containers (Docker)
	@$(BIN)/python -m cluster.up

down:            ## stop the containers; what they stored stays
	@docker compose --profile demo --profile monitoring down

cluster-demo: .venv/dev  ## the sample day on a real broker and node of this machine (Linux, JDK 21+, Maven)
	@$(BIN)/python -m tests.services -- $(BIN)/python -m cluster.demo

cluster-demo-check: .venv/dev  ## the same without a person; checks the outcome
	@$(BIN)/python -m tests.services -- $(BIN)/python -m cluster.demo --check

images-check: .venv/dev  ## build the image and start it by compose, where there is a Docker engine
	@$(BIN)/python -m tests.deploy.images_check

compose-check: .venv/dev  ## `make up` as a whole in containers, counted, where there is a Docker engine
	@$(BIN)/python -m tests.deploy.compose_check

test: .venv/dev  ## all tests, side by side
	@$(BIN)/python -m pytest -q -m "not long" -n auto --dist loadfile --no-loadscope-reorder

lint: .venv/dev  ## style, types, layers
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports --no-cache

check: lint test ## what CI runs

long: .venv/dev  ## the long tests: 200 kills and more
	@$(BIN)/python -m pytest -q -m long --timeout 3600

.peers/done: constraints/peers.txt
	@$(BIN)/python -m venv --clear .peers && .peers/bin/pip install -q --disable-pip-version-check --require-hashes -r constraints/peers.txt && touch .peers/done

bench: .venv/dev .peers/done ## speed and memory, beside spaCy, flashtext, plain `re` and a naive pipeline
	@$(BIN)/python -m benchmarks

bench-cluster: .venv/dev ## speed of the cluster edition beside bare loops, on a real broker and node
	@$(BIN)/python -m tests.services -- $(BIN)/python -m benchmarks.cluster

quality: .venv/dev ## score tagging on labelled texts
	@$(BIN)/python -m benchmarks.quality

format: .venv/dev ## format and fix style
	@$(BIN)/ruff check --fix -q . ; $(BIN)/ruff format -q .

docs: .venv/dev  ## write the generated pages of docs/ anew
	@$(BIN)/python -m embedded.docs

LOCK := uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate
lock:  ## choose newer versions within the bounds (needs uv)
	@$(LOCK) --group build --extra page pyproject.toml -o constraints/run.txt
	@$(LOCK) --group build --extra cluster --extra page pyproject.toml -o constraints/cluster.txt
	@$(LOCK) --group dev --extra cluster --extra page pyproject.toml -o constraints/dev.txt
	@$(LOCK) --group peers -o constraints/peers.txt

wheel: .venv/dev ## build the wheel into dist/
	@$(BIN)/python -m hatchling build -t wheel

clean:           ## remove the environment and what was built; config/ and data/ stay
	rm -rf .venv .peers dist build .mypy_cache .ruff_cache .hypothesis .import_linter_cache
