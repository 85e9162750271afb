/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIBOVNHA_HASH_H
#define LIBOVNHA_HASH_H

#include <stdint.h>

/* Internal: FNV-1a, 64 bit (RFC 9923).  Not against anybody who wants two texts to come
 * to the same, but against chance. */
#pragma GCC visibility push(hidden)

#define HASH_EMPTY 0xcbf29ce484222325u /* of "", which every hash begins with */

/* Of the text that came to `value` and `text` behind it. */
uint64_t hash_text(uint64_t value, const char *text);

#pragma GCC visibility pop
#endif
