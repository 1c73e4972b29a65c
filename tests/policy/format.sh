#!/usr/bin/env bash
# The layout of the code is that of clang-format 14. Usage: format.sh SOURCE_DIR
set -u
cd "$1" || exit 2
if ! command -v clang-format >/dev/null; then
  echo "skipped: clang-format is not installed"
  exit 77
fi
hits=$(find solver inputs fitting search jobs tests -name '*.[ch]' -print0 \
  | xargs -0 clang-format --dry-run -Werror 2>&1 | grep -E 'error:')
[ -z "$hits" ] || printf '%s\n' "$hits" | head -n 20
[ -z "$hits" ]
