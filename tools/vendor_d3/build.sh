#!/usr/bin/env bash
# Build src/pricegrad/report/page/assets/d3.min.js and its licences from the versions locked here. Needs node and npm.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out="$here/../../src/pricegrad/report/page/assets"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here/package.json" "$here/package-lock.json" "$here/index.js" "$work"
cd "$work"
npm ci --silent --no-audit --no-fund
npx --no-install esbuild index.js --bundle --minify --format=iife --global-name=d3 --target=es2020 \
  "--banner:js=/* d3, copyright 2010-2023 Mike Bostock, ISC licence; d3-sankey, copyright 2015 Mike Bostock, BSD 3-Clause licence */" \
  --legal-comments=none --log-level=warning --outfile="$out/d3.min.js"
{
  echo "d3.min.js is built from the packages below by tools/vendor_d3/build.sh."
  for licence in $(find node_modules -name LICENSE | grep -E '/(d3-[a-z-]+|internmap)/LICENSE$' | sort); do
    name=${licence#node_modules/}
    version=$(node -p "require('./${licence%/LICENSE}/package.json').version")
    printf '\n==== %s %s ====\n\n' "${name%/LICENSE}" "$version"
    cat "$licence"
  done
} > "$out/d3.LICENSES.txt"
wc -c "$out/d3.min.js"
