#!/usr/bin/env bash
# Resolve the two lock files anew, in throw-away environments: `tools/lock.sh [PYTHON]`.
set -euo pipefail
python=${1:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$python" -m venv "$work/env"
"$work/env/bin/pip" install -q hatchling editables '.[book,test]'
"$work/env/bin/pip" uninstall -q -y llma
"$work/env/bin/pip" freeze >"$work/book"
"$work/env/bin/pip" install -q '.[torch,serving]'
"$work/env/bin/pip" uninstall -q -y llma
"$work/env/bin/pip" freeze | sed 's/+cpu$//' >"$work/all"

{ grep '^#' requirements.txt; cat "$work/book"; } >"$work/requirements.txt"
{ grep '^#' requirements-torch.txt; comm -13 <(sort "$work/book") <(sort "$work/all"); } >"$work/torch.txt"
mv "$work/requirements.txt" requirements.txt
mv "$work/torch.txt" requirements-torch.txt
