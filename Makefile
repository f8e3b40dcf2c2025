# Names for what is in scripts/; each script runs alone, too.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup build demo test check format bench bench-quick differential tamper fuzz api-fuzz follow-many deployment

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: ## Install the Debian packages that are missing
	@scripts/setup

build: setup ## Build the shipped program
	. scripts/swift-flags && swift build "$${swift_flags[@]}" --product specie

demo: setup ## Play the main job, with real processes
	@scripts/demo

test: setup ## Run all tests
	@scripts/test

check: ## Check format, lint and architecture
	@scripts/check

bench: setup ## Measure the shipped program
	@scripts/bench

bench-quick: setup ## The same in under three minutes
	@scripts/bench --quick

differential: setup ## Hold the rules engine against the slow evaluator, for 15 million decisions
	@scripts/differential

tamper: setup ## Alter ledgers and exports 42,240 times, and see that every audit finds it
	@scripts/tamper

api-fuzz: setup ## Hold a live server against its OpenAPI description, for ten minutes
	@scripts/api-fuzz

follow-many: setup ## Follow a ledger on 10,000 connections, and say what that costs
	@scripts/follow-many

deployment: setup ## Hold the unit and the container file against the built program
	@scripts/setup debootstrap systemd-container && scripts/verify-deployment --container && scripts/verify-live-unit

fuzz: ## Fuzz the readers written by hand, for a minute
	@scripts/fuzz

format: ## Format all Swift code
	swift format --in-place --recursive --parallel Package.swift Sources Tests Benchmarks
