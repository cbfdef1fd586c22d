# make test is everything; the rest are its parts. Each is a script in ci/ that can be run by itself too.

.PHONY: test fmt lint browser client race alloc fuzz bench

test:
	@bash ci/run.sh fmt lint client browser race alloc

fmt lint client browser race alloc fuzz:
	@bash ci/run.sh $@

# Writes docs/performance.md, on a machine that does nothing else. Not a part of make test, which tries every contender.
bench:
	@go run ./bench
