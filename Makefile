# Thin names for the commands that do the work; `make` alone lists them.
STACK ?= dev
STATE := $(or $(PULUMI_OFFLINE_DIRECTORY),.pulumi-offline)
STACK_NAME = $(or $(strip $(STACK)),$(error STACK is empty: name a stack, such as STACK=dev))
STACK_FILE = $(wildcard stacks/Pulumi.$(STACK_NAME).yaml)
REVIEWED = --stack $(STACK_NAME) $(addprefix --config-file ,$(STACK_FILE))
OFFLINE := ./offline
PYTHON := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help preview up destroy pin purge test judges lint bench baseline bundle environment engine clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

preview: ## preview STACK=dev with the policy pack, Azure emulated; writes out/STACK/
	$(OFFLINE) python -m review preview $(REVIEWED)

up: ## deploy STACK=dev to the emulated Azure
	$(OFFLINE) python -m review up $(REVIEWED)

destroy: ## delete STACK=dev from the emulated Azure
	$(OFFLINE) python -m review destroy $(REVIEWED)

pin: ## write the ranges that the plan chose into Pulumi.STACK.yaml
	$(OFFLINE) python -m review pin $(REVIEWED)

purge: ## free the names that deleted vaults and workspaces hold in the emulated Azure
	$(OFFLINE) python -m emulator.purge --store $(STATE)/azure

test: engine ## run every test, those on the real engine included
	$(PYTHON) -m pytest -n auto --dist loadscope

judges: engine .venv-judges/installed .strongswan/installed ## outside opinions: checkov on the plan of prod, strongSwan on its sites, z3 on security groups
	$(OFFLINE) python -m review preview --stack prod
	$(PYTHON) -m review export --plan out/prod/plan.json --to out/prod/arm.json
	$(PYTHON) -m review.checkov_judge --template out/prod/arm.json \
		--explained docs/judges.md --checkov .venv-judges/bin/checkov
	$(PYTHON) -m review.strongswan_judge --plan out/prod/plan.json --strongswan .strongswan
	PYTHONPATH=components .venv-judges/bin/python -m review.group_judge

.venv-judges/installed: requirements-judges.txt | environment
	$(PYTHON) -m venv --clear .venv-judges
	.venv-judges/bin/python -m pip install --quiet --disable-pip-version-check \
		--requirement requirements-judges.txt
	touch $@

.strongswan/installed: review/strongswan_packages.py | environment
	$(PYTHON) -m review.strongswan_packages --to .strongswan
	touch $@

lint: environment ## style, types and import rules
	$(PYTHON) -m ruff check
	$(PYTHON) -m ruff format --check
	$(PYTHON) -m pyright
	PYTHONPATH=policies .venv/bin/lint-imports

bench: engine .venv-judges/installed ## time planning, previews and proofs, as ratios to a floor of the same run
	$(PYTHON) -m benchmarks.planning
	$(OFFLINE) python -m benchmarks
	$(PYTHON) -m benchmarks.pack
	$(PYTHON) -m benchmarks.reachability

baseline: engine ## preview STACK=dev, and write who reaches whom in it as approved
	$(OFFLINE) python -m review preview $(REVIEWED)
	cd policies && ../$(PYTHON) -m azureml_policies baseline \
		--plan ../out/$(STACK_NAME)/plan.json --to config/baselines/$(STACK_NAME).json

bundle: environment ## copy the policy pack and all it needs to out/policies
	rm -rf out/policies
	cd policies && ../$(PYTHON) -m azureml_policies bundle --to ../out/policies

environment: ## make the virtual environment .venv
	@$(OFFLINE) true

engine: environment ## find or build the Pulumi engine
	@$(OFFLINE) pulumi version

clean: ## delete reports, caches and the state of offline runs; keeps .venv
	rm -rf out components/venv .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	cd $(STATE) 2>/dev/null && rm -rf azure config home log scratch state passphrase || true
