# KubeSharp: `make help` lists the targets.
CONFIGURATION ?= Release
RID ?= linux-x64

.PHONY: help run test bench fuzz schema verify publish clean

help: ## this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: ## the whole control plane on the embedded store, with two simulated nodes
	dotnet run --project src/KubeSharp -c $(CONFIGURATION) -- server --hollow-nodes 2

test: ## build everything and run every test
	@sh hack/test

bench: ## benchmarks: codecs, writes in process, reads over HTTPS, both stores
	dotnet run --project tests/KubeSharp.Benchmarks -c Release -- --filter '*'
	hack/fetch-etcd
	dotnet run --project tests/KubeSharp.Benchmarks -c Release -- store

fuzz: ## feed every decoder with broken input, 30 seconds each
	dotnet run --project tests/KubeSharp.Fuzz -c Release -- all 30

schema: ## rewrite schema facts and views: make schema SOURCE=DIR
	hack/update-schema $(SOURCE)

publish: ## one self-contained executable in artifacts/publish (RID=linux-arm64 for another machine)
	dotnet publish src/KubeSharp -c Release -r $(RID) --self-contained -v q -nologo -p:PublishSingleFile=true -p:PublishReadyToRun=true \
		-p:IncludeNativeLibrariesForSelfExtract=true -p:DebugType=none -p:GenerateDocumentationFile=false \
		-p:KubeSharpPublish=true -o artifacts/publish

clean: ## remove what was built
	rm -rf artifacts
