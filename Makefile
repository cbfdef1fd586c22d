# make test is everything; the rest are its parts. Each is a script in ci/ that can be run by itself too.

.PHONY: help quick test fmt vet lint client browser race modules e2e alloc short fuzz bench

help: ## list the targets (this)
	@awk -F ':[^#]*## ' '/^[a-z][a-z0-9]*:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

quick: ## before each commit: fmt, vet and short, in less than a minute
	@bash ci/run.sh fmt vet short

# The steps in one word run side by side: lanes divided by +, whose steps follow one another. What measures runs alone.
test: ## everything, as in CI
	@bash ci/run.sh fmt client browser race e2e+lint,modules alloc

fmt: ## gofmt
	@bash ci/run.sh fmt
vet: ## go vet in every module
	@bash ci/run.sh vet
short: ## the tests of all modules that need neither a browser nor long, with -short
	@bash ci/run.sh short
lint: ## vet, staticcheck, govulncheck, tidy go.mod files, no new dependencies
	@bash ci/run.sh lint
client: ## the strict type check of the browser client, and what its package for npm holds
	@bash ci/run.sh client
browser: ## find Chromium, Firefox, WebKit and Xvfb, or install them
	@bash ci/run.sh browser
race: ## the library's tests, in random order, with the race detector
	@bash ci/run.sh race
modules: ## those of the other modules, but without browsers
	@bash ci/run.sh modules
e2e: ## those in browsers
	@bash ci/run.sh browser e2e
alloc: ## the library's tests that the race detector leaves out or cuts short: those of allocations and memory, and long schedules
	@bash ci/run.sh alloc
fuzz: ## every fuzz target for FUZZTIME (10s); not a part of make test
	@bash ci/run.sh fuzz
bench: ## write docs/performance.md, on a machine that does nothing else; make test only tries every contender
	@go run ./bench
