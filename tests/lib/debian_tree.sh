# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# debian_tree.sh - a Debian of some release in a directory, and commands run in it.
#
#   SELF=$(readlink -f -- "$0")  # runs `tree_inside "$@"` for its first word --inside
#   release=trixie root=/var/tmp/some-tree
#   . tests/lib/debian_tree.sh
#   tree_lock                    # one at a time
#   tree_make PACKAGE...         # make it, or complete one that is there
#   in_tree CMD...               # run CMD in it
#
# Trees are made by debootstrap and apt-get from the mirror that this machine's own apt uses.
# What runs in one runs in namespaces of its own, so that whatever way this ends, nothing stays
# mounted and nothing goes on running; a policy-rc.d keeps packages from starting daemons.

: "${SELF:?}" "${release:?}" "${root:?}"
readonly TREE_PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

say() {
	printf '%s: %s\n' "${SELF##*/}" "$*"
}

die() {
	printf '%s: %s\n' "${SELF##*/}" "$*" >&2
	exit 1
}

# A path that is safe to make and to remove.
tree_check_path() { # VARIABLE
	[[ $root =~ ^(/[A-Za-z0-9._+-]+){2,}$ ]] ||
		die "$1: an absolute path of plain characters, below a directory, not '$root'"
}

# Also keeps us from taking the machine itself, or what someone else put there, for the tree.
tree_need() {
	[[ -d $root && ! -L $root && -O $root ]] || die "no directory of root's: $root"
	[[ ! $root -ef / ]] || die "this is the machine itself: $root"
	grep -qsx "VERSION_CODENAME=$release" "$root/etc/os-release" || die "not Debian $release: $root"
}

tree_lock() {
	mkdir -p -- "${root%/*}"
	[[ ! -L $root.lock ]] || die "a link: $root.lock"
	exec 9>>"$root.lock"
	flock --nonblock 9 || { say "waiting for $root.lock"; flock 9; }
}

# In namespaces of its own: what is mounted or started by CMD ends with it, and it with us.
tree_isolated() { # CMD...
	setpriv --pdeathsig KILL unshare --mount --pid --ipc --uts --fork --kill-child \
		--propagation private -- "$@" 9>&-
}

in_tree() { # CMD...
	tree_isolated "$SELF" --inside "$root" "$@"
}

# PID 1 of the new namespaces, still in the machine's tree.
tree_inside() { # ROOT CMD...
	mount --bind "$1" "$1"
	cd "$1" || exit
	shift
	mount -t proc -o nosuid,nodev,noexec proc proc
	mount -t sysfs -o ro,nosuid,nodev,noexec sysfs sys
	mount -t tmpfs -o nosuid,nodev,mode=755 tmpfs run
	mount -t tmpfs -o nosuid,nodev,mode=1777 tmpfs tmp
	mount -t tmpfs -o nosuid,nodev,mode=1777 tmpfs dev/shm
	mount -t devpts -o newinstance,ptmxmode=0666,mode=600 devpts dev/pts
	mkdir run/lock
	pivot_root . .
	umount -l .
	# A shell of the tree stays PID 1, and reaps what it is left with.
	exec env -i PATH="$TREE_PATH" HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
		/bin/bash -c '"$@"; exit' in-tree "$@"
}

# --- making one -------------------------------------------------------------------------------

# The first of the repositories configured here that has this release.
tree_mirror() {
	local uri try
	try=$(mktemp)
	while read -r uri; do
		if /usr/lib/apt/apt-helper download-file "${uri%/}/dists/$release/InRelease" "$try" \
			>/dev/null 2>&1; then
			rm -f -- "$try"
			printf '%s\n' "${uri%/}"
			return 0
		fi
	done < <(apt-get indextargets --no-release-info --format "\$(REPO_URI)" 'Identifier: Packages' |
		awk '!seen[$0]++')
	rm -f -- "$try"
	die "no repository of this machine's apt has Debian $release"
}

tree_remove() { # DIRECTORY
	[[ -e $1 || -L $1 ]] || return 0
	[[ -d $1 && ! -L $1 && -O $1 ]] || die "not ours: $1"
	rm -rf --one-file-system -- "$1"
}

tree_make_base() {
	local from
	from=$(tree_mirror)
	tree_remove "$root.new"
	tree_isolated debootstrap --variant=minbase "$release" "$root.new" "$from"
	# An empty directory may be named, too.
	[[ ! -d $root ]] || rmdir -- "$root"
	mv -T -- "$root.new" "$root"
}

tree_forbid_daemons() {
	printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
	chmod 755 "$root/usr/sbin/policy-rc.d"
}

# As this machine's apt does: proxies, and whether old repositories are accepted.
tree_configure_apt() {
	apt-config dump | grep -E '^Acquire::(https?|Check|Retries|ForceIP)' \
		>"$root/etc/apt/apt.conf.d/90machine" || true
	rm -f -- "$root/etc/resolv.conf"
	cp -L -- /etc/resolv.conf "$root/etc/resolv.conf"
}

# shellcheck disable=SC2016 # the format is dpkg-query's
tree_query() { # FIELD PACKAGE
	dpkg-query --admindir="$root/var/lib/dpkg" -W -f='${'"$1"'}' "$2"
}

tree_has() { # PACKAGE
	[[ $(tree_query db:Status-Status "$1" 2>/dev/null) == installed ]]
}

tree_make() { # PACKAGE...
	local package
	local -a missing=()
	if [[ ! -e $root ]] || rmdir -- "$root" 2>/dev/null; then tree_make_base; fi
	tree_need
	tree_forbid_daemons
	tree_configure_apt
	for package; do
		tree_has "$package" || missing+=("$package")
	done
	((${#missing[@]})) || return 0
	say "installing ${missing[*]}"
	in_tree apt-get -o Dpkg::Use-Pty=0 update
	in_tree apt-get -o Dpkg::Use-Pty=0 install -y --no-install-recommends "${missing[@]}"
	in_tree apt-get clean
}

# The sources of a clone, with whatever was changed in it, but nothing that was built.
tree_copy_source() { # SOURCE DIRECTORY-IN-THE-TREE
	rm -rf -- "${root:?}$2"
	mkdir -p "$root$2"
	tar -C "$1" -c --exclude=./.git --exclude=./_build --exclude=./autom4te.cache . |
		tar -C "$root$2" -x --no-same-owner
}
