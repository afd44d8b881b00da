#!/usr/bin/env bash
# Throws generated requests at a running server, from its own OpenAPI document, and checks that it
# never answers 500 and never in a way that the document does not describe.
#
#   pip install schemathesis
#   scripts/schemathesis.sh [BINARY] [more arguments for `schemathesis run`]
#
# Starts BINARY (target/debug/khocr) on a folder of its own, with a key that may do everything.
set -euo pipefail
cd "$(dirname "$0")/.."
khocr=${1:-target/debug/khocr}
shift || true
work=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null || true; rm -rf "$work"' EXIT

"$khocr" --log warn serve --role "${ROLE:-all}" --listen 127.0.0.1:0 --data "$work/data" >"$work/out" 2>"$work/log" &
pid=$!
for _ in $(seq 200); do
  grep -q '^http' "$work/out" && break
  sleep 0.1
done
url=$(grep '^http' "$work/out")
# Enough requests for the whole run, and a key that may do everything.
"$khocr" orgs set --name default --requests-per-minute 1000000 --data "$work/data" >/dev/null
key=$("$khocr" keys create --org default --scopes convert,read,admin --data "$work/data")

# What the document does not say is tested by the suites of the crates: here, that no answer is a
# fault and that every answer is described.
status=0
schemathesis run "$url/api/v1/openapi.json" --header "X-API-Key: $key" --no-color \
  --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,response_headers_conformance \
  --phases examples,coverage,fuzzing,stateful --max-examples "${EXAMPLES:-30}" --continue-on-failure "$@" || status=$?
if grep -n 'panicked\|ERROR' "$work/log"; then
  echo "the server complained, see above"
  status=1
fi
exit "$status"
