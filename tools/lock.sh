#!/usr/bin/env bash
# Resolve the two lock files anew, in a throw-away environment: `tools/lock.sh [PYTHON]`.
# CUDA's packages, which PyTorch asks for on some machines only, are left to pip.
set -euo pipefail
python=${1:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
pip() { "$work/env/bin/python" -m pip --disable-pip-version-check "$@"; }
frozen() { pip freeze --exclude llma | sed 's/+cpu$//' | LC_ALL=C sort -f; }

"$python" -m venv "$work/env"
pip install -q --no-compile hatchling editables '.[book,test]'
frozen >"$work/book"
pip install -q --no-compile -c "$work/book" '.[torch,serving]' # together with the book's versions, or not at all
pip check
frozen | LC_ALL=C comm -13 <(LC_ALL=C sort "$work/book") <(LC_ALL=C sort) |
  grep -Ev '^(nvidia-|cuda-|triton==)' >"$work/torch"
if grep -n "[/@]" "$work/book" "$work/torch"; then
  echo "A package came from a path, not from an index: see above." >&2
  exit 1
fi

{ grep '^#' requirements.txt; cat "$work/book"; } >"$work/requirements.txt"
{ grep '^#' requirements-torch.txt; cat "$work/torch"; } >"$work/requirements-torch.txt"
cp "$work/requirements.txt" "$work/requirements-torch.txt" .
