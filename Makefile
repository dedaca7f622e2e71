# The commands of this project; `make` alone lists them.

PORT ?= 8080
DATA ?= ./data
OUT  ?= ./out

.DEFAULT_GOAL := help
.PHONY: help setup setup-run setup-test run test check bench package licences clean-demo

help: ## 列出全部命令
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: setup-run setup-test ## 安装构建、运行和测试所缺的软件包与字体

setup-run: ## 只装构建与运行所需
	@deploy/setup.sh run

setup-test: ## 只装测试所需
	@deploy/setup.sh test

run: setup-run ## 构建并运行演示：make run PORT=8080 DATA=./data OUT=./out
	cargo build --release --locked
	@deploy/run.sh '$(DATA)' '$(OUT)' '$(PORT)'

test: setup-test ## 运行全部测试（SQLite、临时 PostgreSQL、Chromium）
	cargo test --locked

check: ## 格式、静态检查、文档，警告即错误
	@deploy/setup.sh build
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --locked --no-deps --document-private-items

bench: ## 性能与其上限之比
	@deploy/setup.sh build
	cargo bench --locked

package: setup-run ## 打包 tar.gz 与 .deb（含字体，供无网络的内网机器安装）
	@deploy/package.sh

licences: ## 重写 docs/third-party.md
	deploy/licences.sh > docs/third-party.md

clean-demo: ## 删除演示数据与演示文书
	@deploy/clean-demo.sh '$(DATA)' '$(OUT)'
