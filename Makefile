# Weir: everything is typed from here. `make help` lists it.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

SOAK_SECONDS ?= 300
FUZZ_SECONDS ?= 60
JOBS ?= $(shell nproc)
PREFIX ?= /usr/local

packages = scripts/install-packages $(1)
configure = cmake --preset $(1) --log-level=NOTICE $(2) > build/$(1).configure.log 2>&1 || { cat build/$(1).configure.log; exit 1; }
compile = cmake --build build/$(1) --parallel $(JOBS)
run_tests = ctest --test-dir build/$(1) --output-on-failure --no-tests=error --parallel $(JOBS) $(2)

.PHONY: help demo test serve bench bench-quick soak fuzz build asan tsan tidy format format-check check-includes check-headers coverage web-test install clean

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' Makefile

build/:
	@mkdir -p build

demo: | build/ ## install, build, and judge the bundled reviews
	@$(call packages,build)
	$(call configure,release)
	$(call compile,release) --target review-stream
	build/release/bin/review-stream run

test: | build/ ## install, build, and run every test
	@$(call packages,build test)
	$(call configure,release,-DWEIR_BUILD_TESTS=ON)
	$(call compile,release)
	$(call run_tests,release)

build: | build/ ## build everything, optimised
	@$(call packages,build)
	$(call configure,release)
	$(call compile,release)

serve: | build/ ## review-stream without end: a followed folder, made-up reviews, the dashboard, until SIGTERM
	@$(call packages,build)
	command -v npm > /dev/null || $(call packages,page)
	$(call configure,release)
	$(call compile,release) --target review-stream
	exec scripts/serve

bench: | build/ ## build, and measure Weir beside what one would write without it; results and plots in build/bench
	@$(call packages,build bench)
	$(call configure,release)
	$(call compile,release) --target weir-bench
	mkdir -p build/bench
	build/release/bin/weir-bench run --json build/bench/bench.json
	build/release/bin/weir-bench plot --json build/bench/bench.json --out build/bench

bench-quick: | build/ ## a small part of each benchmark, as a check that it works
	@$(call packages,build bench)
	$(call configure,release)
	$(call compile,release) --target weir-bench
	mkdir -p build/bench
	build/release/bin/weir-bench run --quick --json build/bench/quick.json
	build/release/bin/weir-bench plot --json build/bench/quick.json --out build/bench/quick

asan: | build/ ## run every test under AddressSanitizer and UndefinedBehaviorSanitizer
	@$(call packages,build test)
	$(call configure,asan,-DWEIR_BUILD_TESTS=ON)
	$(call compile,asan)
	$(call run_tests,asan)

tsan: | build/ ## run what is built without CAF under ThreadSanitizer
	@$(call packages,build test)
	$(call configure,tsan,-DWEIR_BUILD_TESTS=ON)
	$(call compile,tsan)
	$(call run_tests,tsan,-L no_caf)

soak: | build/ ## everything goes wrong at once on real threads, for SOAK_SECONDS (300)
	@$(call packages,build test)
	$(call configure,release,-DWEIR_BUILD_TESTS=ON)
	$(call compile,release) --target soak
	build/release/bin/soak $(SOAK_SECONDS)

fuzz: | build/ ## each fuzz target for FUZZ_SECONDS (60)
	@$(call packages,build fuzz)
	FUZZ_OPTIMISE=-O1 tests/fuzz/run $(FUZZ_SECONDS) || { code=$$?; [ $$code = 77 ] || exit $$code; }

tidy: | build/ ## clang-tidy on what the last 20 commits changed
	@$(call packages,build test lint)
	JOBS=$(JOBS) scripts/tidy

format: ## format every source
	@$(call packages,lint)
	scripts/sources | xargs -r clang-format-19 -i

format-check: ## fail where a source is not formatted
	@$(call packages,lint)
	scripts/sources | xargs -r clang-format-19 --dry-run --Werror

check-includes: ## fail where a folder includes what it may not
	@$(call packages,lint)
	scripts/check-includes

check-headers: | build/ ## compile every header alone
	@$(call packages,build test)
	$(call configure,release,-DWEIR_BUILD_TESTS=ON)
	$(call compile,release) --target check-headers

coverage: | build/ ## measure what the tests reach; report in build/coverage
	@$(call packages,build test coverage)
	$(call configure,coverage,-DWEIR_BUILD_TESTS=ON)
	$(call compile,coverage)
	find build/coverage -name '*.gcda' -delete
	$(call run_tests,coverage)
	mkdir -p build/coverage/report
	gcovr --root . --object-directory build/coverage --filter framework/ --filter actors/ --filter apps/ \
	  --exclude-throw-branches --html-details build/coverage/report/index.html --print-summary
	echo "The report: build/coverage/report/index.html"

web-test: | build/ ## test the dashboard page, in a browser too
	@$(call packages,build web)
	command -v npm > /dev/null || $(call packages,page)
	$(call configure,release)
	$(call compile,release) --target weir_web review-stream
	cd web
	npm run --silent check
	npm test --silent
	npm run --silent test:browser -- ../build/release/web-dist
	npm run --silent test:real-run -- ../build/release/bin/review-stream

install: | build/ ## library, headers, programs and CMake package into PREFIX
	@$(call packages,build)
	$(call configure,release)
	$(call compile,release) --target weir weir_actors weir_web review-stream weir_program
	cmake --install build/release --prefix "$(PREFIX)"

clean: ## remove everything built
	@rm -rf build
