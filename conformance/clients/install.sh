#!/usr/bin/env bash
# Installs the outside programs that `npm run test:clients` needs, on Debian. Those already there are left alone.
set -euo pipefail
packages=(postgresql-15 postgresql-client-15 odbc-postgresql unixodbc python3 python3-venv python3-pyodbc default-jdk-headless libpostgresql-jdbc-java curl tmux maven)
# Compilers of any origin will do. Debian's rustc-web is the newer one that it keeps for building browsers.
command -v go >/dev/null || packages+=(golang-go)
command -v cargo >/dev/null || packages+=(cargo-web rustc-web)
missing=()
for package in "${packages[@]}"; do
  dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
done
if [ "${#missing[@]}" -gt 0 ]; then
  if [ "$(id -u)" -ne 0 ]; then
    echo "missing Debian packages: ${missing[*]} (install them as root: apt-get install ${missing[*]})" >&2
    exit 1
  fi
  apt-get update -q
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
fi

# delta-rs, the independent Delta implementation of conformance/interop.
cd "$(dirname "$0")/../.."
if ! .cache/deltalake/bin/python -c 'import deltalake, pyarrow' 2>/dev/null; then
  python3 -m venv .cache/deltalake
  .cache/deltalake/bin/pip install -q deltalake==1.6.6 pyarrow==26.0.1
fi

# Python's drivers and tools, for conformance/clients/python; Superset's SQLAlchemy is an older one than the rest's.
for environment in python superset; do
  requirements="conformance/clients/python/$environment-requirements.txt"
  if ! cmp -s "$requirements" ".cache/$environment/complete"; then
    python3 -m venv --clear ".cache/$environment"
    ".cache/$environment/bin/pip" install -q -r "$requirements"
    cp "$requirements" ".cache/$environment/complete"
  fi
done

# Databricks' own SDKs, for conformance/clients. npm would install into the checkout without a package.json beside it.
if ! .cache/databricks/bin/python -c 'import databricks.sdk' 2>/dev/null; then
  python3 -m venv .cache/databricks
  .cache/databricks/bin/pip install -q databricks-sdk==0.156.0
fi
if [ ! -d .cache/databricks-js/node_modules/@databricks/sdk-experimental ]; then
  mkdir -p .cache/databricks-js
  echo '{"private":true}' > .cache/databricks-js/package.json
  npm install --silent --no-audit --no-fund --prefix .cache/databricks-js @databricks/sdk-experimental@0.17.0
fi

# knex, Sequelize, TypeORM and Drizzle, as conformance/clients/node-orms locks them. Their install scripts only fetch what is there.
orms=conformance/clients/node-orms
if ! cmp -s "$orms/package-lock.json" .cache/node-orms/complete; then
  rm -rf .cache/node-orms
  mkdir -p .cache/node-orms
  cp "$orms/package.json" "$orms/package-lock.json" .cache/node-orms/
  npm ci --silent --no-audit --no-fund --ignore-scripts --prefix .cache/node-orms
  cp "$orms/package-lock.json" .cache/node-orms/complete
fi

# pgx, lib/pq and tokio-postgres, compiled with the probes of conformance/clients/go and rust; done again when those change.
mkdir -p .cache/go/bin
(
  export GOMODCACHE="$PWD/.cache/go/mod" GOCACHE="$PWD/.cache/go/build" GOFLAGS=-modcacherw GOTOOLCHAIN=local
  out="$PWD/.cache/go/bin/"
  cd conformance/clients/go
  go build -o "$out" ./pgx ./pq
)
CARGO_TARGET_DIR="$PWD/.cache/rust" cargo build --quiet --locked --manifest-path conformance/clients/rust/Cargo.toml

# Spark with its own Delta implementation, for the same folder.
pom=conformance/interop/spark-pom.xml
if ! cmp -s "$pom" .cache/spark/complete; then
  rm -rf .cache/spark
  mvn -q -B -f "$pom" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$PWD/.cache/spark"
  cp "$pom" .cache/spark/complete
fi
