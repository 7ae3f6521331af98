# make help explains itself: what follows "##" is shown.
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.setup-done

.DEFAULT_GOAL := help
.PHONY: help setup demo up down test mutants lint format lock wheel bench clean

help: ## 显示本说明 / Show this help
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP) ## 建立运行环境（其余目标会自动调用）/ Make the environment; the others do it themselves

$(STAMP): requirements.lock pyproject.toml .ci/setup
	@PYTHON="$(PYTHON)" sh .ci/setup "$(VENV)"
	@touch "$@"

demo: $(STAMP) ## 完整演示：样例数据到评估结果 / The whole way, on synthetic extracts
	@$(BIN)/minsheng demo

up: $(STAMP) ## 启动数据库与 Airflow / Start the database and Airflow
	@$(BIN)/minsheng up

down: $(STAMP) ## 停止全部组件 / Stop everything that runs
	@$(BIN)/minsheng down

test: $(STAMP) ## 全部测试：两个进程，真实 Airflow 的最后单独运行 / All tests: by two workers, those with a live Airflow alone at the end
	@$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not live" $(ARGS)
	@$(BIN)/pytest -m live $(ARGS)

mutants: $(STAMP) ## 故意改错，看测试是否发现 / Small changes on purpose: does a test notice?
	@$(BIN)/python -m tests.mutants

lint: $(STAMP) ## 格式、类型、导入层次、SQL / Style, types, import layers, SQL
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@PYTHONWARNINGS=ignore $(BIN)/sqlfluff lint --processes 2 --disable-progress-bar warehouse/sql expectations examples

format: $(STAMP) ## 自动整理代码格式 / Put the code into the common format
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

lock: $(STAMP) ## 重新锁定依赖（需要 uv）/ Lock the dependencies anew (needs uv)
	@uv pip compile --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --no-annotate --extra dev --quiet pyproject.toml -o requirements.lock

wheel: $(STAMP) ## 打包两个 wheel 到 dist/ / Build both wheels into dist/
	@$(BIN)/python -m pip wheel -q --disable-pip-version-check --no-deps --no-build-isolation -w dist . ./sample
	@sed -n 's/^\([a-z][^\\]*[^ \\]\) *\\$$/\1/p' requirements.lock > dist/constraints.txt
	@ls dist

bench: $(STAMP) ## 性能对照 / Speed, side by side
	@$(BIN)/python -m benchmarks

clean: ## 停止组件，删除环境与缓存；数据留在 .minsheng / Stop all, delete environment and caches; data stays
	@if [ -x $(BIN)/minsheng ]; then $(BIN)/minsheng down; fi
	@rm -rf "$(VENV)" build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@echo "数据仍在 .minsheng，可自行删除 / the data is still in .minsheng; delete it yourself"
