# SPDX-License-Identifier: Apache-2.0
#
# headers.awk PAGE HEADER...: the page, with each header's name and the first paragraph of its
# first comment in the place of the line @HEADERS@.

function escaped(text) {
	gsub(/\\/, "\\e", text)
	gsub(/-/, "\\-", text)
	return text ~ /^[.']/ ? "\\&" text : text
}

function print_headers(i, line, name, text) {
	for (i = 2; i < ARGC; i++) {
		name = ARGV[i]
		sub(/.*\//, "", name)
		text = ""
		while ((getline line < ARGV[i]) > 0) {
			if (text == "" && line ~ /^\/\* [A-Z"]/ && line !~ /SPDX/) {
				text = substr(line, 4)
			} else if (text != "" && line !~ /^ \*( |$)/) {
				break
			} else if (text != "") {
				if (line ~ /^ \*$/ || line ~ /^ \*\/$/) break
				text = text "\n" escaped(substr(line, 4))
			}
			if (text ~ /\*\/$/) break
		}
		close(ARGV[i])
		if (text == "") {
			print "headers.awk: " ARGV[i] " does not say what it is for" > "/dev/stderr"
			exit failed = 1
		}
		sub(/ *\*\/$/, "", text)
		printf ".TP\n.B ovnha/%s\n%s\n", escaped(name), text
	}
}

BEGIN {
	while ((getline page < ARGV[1]) > 0) {
		if (page == "@HEADERS@") print_headers()
		else print page
	}
	exit failed
}
