/* SPDX-License-Identifier: Apache-2.0 */
#include <ovnha/text.h>

#include <string.h>

bool ovnha_text_copy(char *to, size_t size, const char *from)
{
    const size_t length = strnlen(from, size - 1);

    memmove(to, from, length);
    to[length] = '\0';
    return from[length] == '\0';
}
