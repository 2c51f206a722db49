#!/usr/bin/env bash
# Runs the demo on each tested generation of Node and compares its text with the README's. Node comes from the npm
# registry, into a temporary folder; without it, the generation is left out and that is said.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# The first of the README's blocks that has the demo's first sentence, from there to its end.
sed -n '/: 天气预报/,/^```$/{/^```$/q;p;}' README.md >"$folder/expected"
[ "$(wc -l <"$folder/expected")" -eq 4 ] || { echo "demo: README.md does not have four sentences" >&2; exit 1; }

package="node-$(node -p 'process.platform + "-" + process.arch')"
status=0
for major in 20 24 26; do
  # The package `node` only fetches this one, in an install script.
  if ! npm install --no-save --no-audit --no-fund --prefix "$folder/$major" "$package@$major" >"$folder/log" 2>&1; then
    echo "demo: skipped on Node $major: $package@$major cannot be installed"
    continue
  fi
  PATH="$folder/$major/node_modules/$package/bin:$PATH"
  if npm run --silent demo >"$folder/text" 2>"$folder/errors" && diff "$folder/expected" "$folder/text"; then
    echo "demo: right on Node $(node --version)"
  else
    echo "demo: wrong on Node $(node --version)"
    cat "$folder/errors"
    status=1
  fi
done
exit "$status"
