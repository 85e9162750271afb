/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_TEXT_H
#define OVNHA_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Copy a text into a buffer of `size`, always ended with a NUL; false when it did
 * not fit and was cut. */
bool ovnha_text_copy(char *to, size_t size, const char *from);

#ifdef __cplusplus
}
#endif

#endif
