/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_TEXT_H
#define OVNHA_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Copy a text into a buffer of `size`, always ended with a NUL; false when it did
 * not fit and was cut. */
bool ovnha_text_copy(char *to, size_t size, const char *from);

/* The same of what anybody may have written, as UTF-8, which JSON has to be: it is cut
 * between characters, and each byte that belongs to none becomes "?". */
bool ovnha_text_copy_utf8(char *to, size_t size, const char *from);

/* How many bytes of UTF-8 are at most `limit` bytes and cut no character. */
size_t ovnha_text_cut(const char *text, size_t limit);

/* Print a text as XML has it, in an element or between double quotes, at most `limit`
 * bytes of it.  What XML cannot have becomes '?': control characters, and what is no
 * UTF-8. */
void ovnha_text_print_xml(FILE *out, const char *text, size_t limit);

#ifdef __cplusplus
}
#endif

#endif
