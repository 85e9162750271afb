#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# `make dist`: the same bytes each time, whoever makes it and when; all that is in git and
# nothing else but what autotools made; and each file says under which license it is.

set -eu
# shellcheck source=tests/lib/tap.sh
. "$OVNHA_SRCDIR/tests/lib/tap.sh"

work=$(mktemp -d)
on_exit rm -rf "$work"
unset MAKEFLAGS MFLAGS MAKELEVEL SOURCE_DATE_EPOCH

release() { # NAME: what make dist makes, moved to $work/NAME.tar.xz
	make -s -C "$OVNHA_BUILDDIR" dist >"$work/$1.log" 2>&1 ||
		bail_out "make dist failed: $(cat "$work/$1.log")"
	mv "$OVNHA_BUILDDIR"/ovnha-*.tar.xz "$work/$1.tar.xz"
}

members() { # NAME: what GNU tar lists of it
	tar --list --verbose --numeric-owner --utc --full-time -f "$work/$1.tar.xz"
}

release first
(
	umask 077
	TZ=Asia/Tokyo LC_ALL=C.UTF-8 release second
)
ok "two runs give the same bytes" cmp "$work/first.tar.xz" "$work/second.tar.xz"
is "everything is owned by nobody in particular" "$(members first | awk '{print $2}' | sort -u)" "0/0"
is "everything is of one time" "$(members first | awk '{print $4, $5}' | sort -u | wc -l)" 1
SOURCE_DATE_EPOCH=86400 release third
is "... which SOURCE_DATE_EPOCH says" "$(members third | awk '{print $4, $5}' | sort -u)" \
	"1970-01-02 00:00:00"

mkdir "$work/release"
tar -C "$work/release" --strip-components=1 -xf "$work/first.tar.xz"

# By its name a test has a log, and is run once for it.
is "no two tests have one name" \
	"$(cd "$work/release" && find tests -name 'test_*.c' -o -name 'test_*.sh' | sed 's/\.[a-z]*$//' | sort | uniq -d)" ""

# What autotools made of the rest.
generated() {
	grep -vxE 'aclocal\.m4|configure|Makefile\.in|build-aux/.*|m4/.*'
}

released() { # every file of ours in the release
	(cd "$work/release" && find . -type f -printf '%P\n') | generated | LC_ALL=C sort
}

if [[ -e $OVNHA_SRCDIR/.git ]] && command -v git >/dev/null; then
	is "all that is in git is in the release, and nothing else" "$(released)" \
		"$(git -c safe.directory='*' -C "$OVNHA_SRCDIR" ls-files | generated | LC_ALL=C sort)"
fi

# Formats in which there is no place to say it; debian/copyright says it for all.
without_comments='debian/(changelog|copyright|source/format)'

without_license() {
	local path
	while read -r path; do
		head -n 5 "$work/release/$path" | grep -q SPDX-License-Identifier || printf '%s\n' "$path"
	done < <(released | grep -vxE "LICENSE|$without_comments")
}
is "every file says under which license it is" "$(without_license)" ""

version=$(sed -n 's/^AC_INIT(\[ovnha\], \[\([^]]*\)\].*/\1/p' "$work/release/configure.ac")
is "debian/changelog is of this version" \
	"$(sed -n '1s/^ovnha (\(.*\)-[^-]*) .*/\1/p' "$work/release/debian/changelog")" "$version"
is "ovnha.spec is" "$(awk '$1 == "Version:" {print $2}' "$work/release/ovnha.spec")" "$version"
is "CHANGELOG is" "$(sed -n 's/^## \[\([0-9][^]]*\)\].*/\1/p' "$work/release/CHANGELOG" | head -n 1)" "$version"

finish
