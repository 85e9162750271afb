/* SPDX-License-Identifier: Apache-2.0 */
#include "hash.h"

uint64_t hash_text(uint64_t value, const char *text)
{
    for (; *text; text++) {
        value = (value ^ (unsigned char)*text) * 0x100000001b3u;
    }
    return value;
}
