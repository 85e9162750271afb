#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# `make install DESTDIR=...`: each file that it installs is in one of the Debian packages, and in
# the RPM recipe's lists; and `make uninstall` leaves none.

set -eu
# shellcheck source=tests/lib/tap.sh
. "$OVNHA_SRCDIR/tests/lib/tap.sh"

work=$(mktemp -d)
on_exit rm -rf "$work"
unset MAKEFLAGS MFLAGS MAKELEVEL

build() { # TARGET
	make -s -C "$OVNHA_BUILDDIR" "$1" DESTDIR="$work/root" >"$work/log" 2>&1 ||
		bail_out "make $1 failed: $(cat "$work/log")"
}

files() { # what is there, from / on
	(cd "$work/root" && find . ! -type d -printf '/%P\n')
}

prefix=$(sed -n 's/^prefix = //p' "$OVNHA_BUILDDIR/Makefile")
ocfdir=$(sed -n 's/^ocfdir = //p' "$OVNHA_BUILDDIR/Makefile")

# As with --prefix=/usr, and with Debian's library directory.
as_packaged() {
	sed -E -e "s#^$ocfdir/#/usr/lib/ocf/#" -e "s#^$prefix/#/usr/#" \
		-e 's#^/usr/lib/(libovnha\.|pkgconfig/)#/usr/lib/TRIPLET/\1#' -e 's#^/##'
}

# A line of a list is a pattern, and stands for what is below it, too.
is_listed() { # FILE
	local file=$1 pattern
	while read -r pattern; do
		# shellcheck disable=SC2053 # a pattern it is
		if [[ $file == $pattern || $file == $pattern/* ]]; then return 0; fi
	done < <(grep -hv '^#' "$OVNHA_SRCDIR"/debian/*.install "$OVNHA_SRCDIR/debian/not-installed")
	return 1
}

unlisted() {
	local file
	while read -r file; do is_listed "$file" || printf '%s\n' "$file"; done
}

build install
files | as_packaged >"$work/files"
ok "something is installed" grep -qx usr/sbin/ovnha "$work/files"
is "every file is in a list of debian/" "$(unlisted <"$work/files")" ""
# The documents are listed by directory there.
while read -r path; do
	name=${path##*/}
	case $name in
	libovnha.so.*) name=libovnha.so.1 ;;
	ovndb-servers) name=resource.d/ovnha ;;
	ovnha-metrics.*) name=ovnha/examples ;;
	esac
	ok "ovnha.spec lists $name" grep -F "$name" "$OVNHA_SRCDIR/ovnha.spec"
done < <(grep -v -e ^usr/share/doc/ -e ^usr/include/ -e '\.la$' "$work/files")

build uninstall
is "make uninstall leaves nothing" "$(files)" ""

finish
