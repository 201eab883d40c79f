# Thin on purpose: every target is one line for Maven or for the test bed, which do the work.

# Maven itself runs on JDK 25, so that the formatter, which uses the running compiler, can check.
JDK25 := $(firstword $(foreach jdk,$(JAVA_HOME) $(wildcard /usr/lib/jvm/* $(HOME)/.sdkman/candidates/java/* $(HOME)/.jdks/*),$(if $(shell grep -s '^JAVA_VERSION="25[."]' $(jdk)/release),$(jdk))))
MVN = JAVA_HOME=$(or $(JDK25),$(error no JDK 25 in JAVA_HOME, /usr/lib/jvm, ~/.sdkman or ~/.jdks: install one or set JAVA_HOME)) mvn -B -ntp
# What images are built on, what renders config/ and what packages chart/: made by the test bed, unless given.
IMAGE_BASE ?= tar://$(or $(shell e2e/bed base),$(error "e2e/bed base" failed, see above))
KUBECTL ?= $(or $(shell e2e/bed tool kubectl),$(error "e2e/bed tool kubectl" failed, see above))
FLEET_SIZES ?= 10
PREVIOUS ?= HEAD^
ENDURANCE_MINUTES ?= 30
HELM ?= $(or $(shell e2e/bed tool helm),$(error "e2e/bed tool helm" failed, see above))
SHIPPED = -Pimages,release -Dimage.base=$(IMAGE_BASE) -Dkubectl=$(KUBECTL) -Dhelm=$(HELM)
# What the images for arm64 are built on, if there is something.
RELEASED = package -pl webhook,controller -am -DskipTests $(SHIPPED) -Partefacts,checksums $(if $(IMAGE_BASE_ARM64),-Dimage.base.arm64=$(IMAGE_BASE_ARM64))

.DEFAULT_GOAL := help
# In this order: what the machine lacks is said before anything is built.
.NOTPARALLEL:
.PHONY: help build test fuzz test-policies test-quorum-loss test-credentials test-faults test-endurance test-mutations test-upgrades demo demo-down parts test-parts generate flags format images shipped release release-check conformance contract bench bench-webhook bench-backup bench-fleet clean

help: ## Show this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## Compile, check and run all tests that need no cluster
	$(MVN) verify -DskipITs

ifdef SKIP_E2E
test:
	$(MVN) verify
	@printf '\n!!! SKIP_E2E is set: NOTHING was tested on a real cluster. Not covered: the images,\n!!! config/ and its roles, clusterctl, the Gateway, and that a hosted cluster boots.\n\n'
else
test: test-parts ## Run all tests, those on a real cluster included (SKIP_E2E=1 leaves these out)
	$(MVN) verify $(SHIPPED)
endif

test-parts: ## Build also what only the bed of the tests consists of
	e2e/bed images --cni cilium --test-images

fuzz: ## Send 100,000 random objects to the webhook, and render 2,000 for a real API server
	$(MVN) verify -pl controller -am -Dfuzz.specs=100000 -Dfuzz.rendered=2000 -Dtest=FuzzTest,AcceptedSpecsTest -Dsurefire.failIfNoSpecifiedTests=false -Dit.test=AcceptedSpecsIT -Dfailsafe.failIfNoSpecifiedTests=false

test-policies: test-parts ## Try every flow that network policies allow or forbid, on a real cluster
	TEST_POLICIES=1 $(MVN) verify $(SHIPPED) -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false -Dit.test=NetworkPolicyIT -Dfailsafe.failIfNoSpecifiedTests=false

test-quorum-loss: test-parts ## Take two of three volumes of etcd away, and then all, on a real cluster
	TEST_QUORUM_LOSS=1 $(MVN) verify $(SHIPPED) -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false -Dit.test=QuorumLossIT -Dfailsafe.failIfNoSpecifiedTests=false

FAULTS = REFUSED LOST ANSWER_LOST LATE TWICE
test-faults: ## Let each of five faults happen to every single write of the controller: takes half an hour
	for fault in $(FAULTS); do $(MVN) verify -pl common,webhook,controller -Dfaults.kind=$$fault -Dfaults.points=0 -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false -Dit.test=DisturbedFleetIT -Dfailsafe.failIfNoSpecifiedTests=false || exit; done

test-credentials: test-parts ## Renew and rotate certificates, keys and CAs of a used cluster, on a real cluster: takes an hour
	TEST_CREDENTIALS=1 $(MVN) verify $(SHIPPED) -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false -Dit.test=CredentialsIT -Dfailsafe.failIfNoSpecifiedTests=false

test-endurance: test-parts ## Change, damage and restart several control planes at random for ENDURANCE_MINUTES, on a real cluster
	TEST_ENDURANCE=1 $(MVN) verify $(SHIPPED) -Dendurance.minutes=$(ENDURANCE_MINUTES) -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false -Dit.test=PausedIT,EnduranceIT -Dfailsafe.failIfNoSpecifiedTests=false

test-mutations: ## Re-introduce known defects one by one, and see that tests catch each
	e2e/mutation-check env $(MVN)

test-upgrades: ## Take minor versions of Kubernetes, and this build after that of commit PREVIOUS, on a real cluster
	e2e/bed images --cni cilium --test-images --minors
	e2e/previous-release target/previous $(PREVIOUS) env $(MVN) package -pl webhook,controller -am -DskipTests $(SHIPPED)
	PREVIOUS_SOURCE=$(CURDIR)/target/previous TEST_UPGRADES=1 $(MVN) verify $(SHIPPED) -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false -Dit.test=InstallationUpgradeIT,UpgradeIT,TopologyUpgradeIT -Dfailsafe.failIfNoSpecifiedTests=false

demo: parts shipped ## Bring up a management cluster on this machine, and a hosted cluster with a node in it
	e2e/bed demo

demo-down: ## Remove all that "make demo" made
	e2e/bed demo-down

parts: ## Build all that the test bed consists of, or say what this machine lacks for it
	e2e/bed images

generate: ## Write config/crd, docs/api.md and docs/metrics.md anew from the Java code, and chart/files/config from config
	$(MVN) -q process-classes -pl common -am -Dcrd.mode=write

flags: ## Read anew which flags the programs of all versions take: takes hours
	e2e/bed flags

format: ## Format all Java sources
	$(MVN) -q spotless:apply

images: ## Build both images as archives
	$(MVN) package -pl webhook,controller -am -DskipTests -Pimages -Dimage.base=$(IMAGE_BASE)

shipped: ## Build both images and what of target/release the test bed installs
	$(MVN) package -pl webhook,controller -am -DskipTests $(SHIPPED)

release: ## Build target/release: components, metadata, Helm chart, images as OCI layouts, SBOMs, checksums
	rm -rf target/release
	$(MVN) $(RELEASED)

release-check: release ## Build the release again in another folder, and compare the checksums of all files
	e2e/release-check env $(MVN) $(RELEASED)

conformance: test-parts shipped ## Run all of Kubernetes' conformance tests on a hosted cluster: takes an hour
	e2e/bed conformance --name conformance

contract: parts shipped ## Try the contract of Cluster API on this provider, and write a report
	e2e/bed contract --name contract

bench: parts shipped ## Measure the time from apply to a hosted API server that answers
	e2e/bed bench

bench-webhook: parts shipped ## Measure admission under load, while replicas and certificates change
	e2e/bed bench-webhook

bench-backup: parts ## Measure backup and restoration of an etcd of 2 GiB, and the memory of the controller
	$(MVN) verify -pl controller -am -Dbackup.mebibytes=2048 -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false -Dit.test=BackupMemoryIT -Dfailsafe.failIfNoSpecifiedTests=false

bench-fleet: parts ## Measure what FLEET_SIZES control planes (10, or such as 10,30,100) cost the controller
	$(MVN) verify -pl controller -am -Dfleet.sizes=$(FLEET_SIZES) -Dfleet.seconds=120 -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false -Dit.test=FleetIT -Dfailsafe.failIfNoSpecifiedTests=false

clean: ## Remove what the build made (not the test bed's cache)
	$(MVN) -q clean
