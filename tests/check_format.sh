#!/bin/bash
# Is every C file formatted as .clang-format says? Another version of the formatter breaks lines elsewhere, so without version 14 the
# test is skipped (status 77).
# usage: check_format.sh ROOT
cd "$1" || exit 1

formatter=
for candidate in clang-format-14 clang-format; do
  if "$candidate" --version 2>/dev/null | grep -q 'version 14\.'; then
    formatter=$candidate
    break
  fi
done
if [ -z "$formatter" ]; then
  echo "clang-format 14 is not installed"
  exit 77
fi

find src include partitions tests -name '*.[ch]' -print0 | xargs -0 -r "$formatter" --dry-run --Werror
