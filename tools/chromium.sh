#!/usr/bin/env bash
# Make sure that a Chromium is here for the browser tests: found, else installed where that is allowed.
# Without one the browser tests are skipped loudly; in CI that is a failure.
set -u
python=.venv/bin/python
found() { $python -c 'from tests.book.browser import find_chromium; print(find_chromium())' 2>/dev/null; }

found && exit 0
echo "No Chromium found: trying to install one."
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null
fi
found && exit 0
timeout 300 $python -m playwright install chromium
found && exit 0
echo "######################################################################"
echo "# NO CHROMIUM: the browser tests CANNOT RUN. Install Chromium or Chrome"
echo "# (Debian: apt-get install chromium; macOS: brew install chromium)."
echo "######################################################################"
[ "${CI:-}" = "" ] || exit 1
