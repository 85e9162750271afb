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

static bool is_continuation(unsigned char byte)
{
    return (byte & 0xc0) == 0x80;
}

/* The length of the character at the beginning of `text`; 0: there is none. */
static size_t character(const char *text)
{
    static const struct {
        unsigned char first, last; /* of the first byte */
        unsigned char low, high;   /* of the second one */
        size_t length;
    } forms[] = {{0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
                 {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3},
                 {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
                 {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4}};
    const unsigned char *c = (const unsigned char *)text;

    if (c[0] < 0x80) {
        return c[0] > 0 ? 1 : 0;
    }
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (c[0] >= forms[i].first && c[0] <= forms[i].last) {
            size_t n = c[1] >= forms[i].low && c[1] <= forms[i].high ? 2 : 0;

            while (n > 0 && n < forms[i].length) {
                n = is_continuation(c[n]) ? n + 1 : 0;
            }
            return n;
        }
    }
    return 0;
}

bool ovnha_text_copy_utf8(char *to, size_t size, const char *from)
{
    size_t used = 0;

    while (*from) {
        const size_t length = character(from), n = length > 0 ? length : 1;

        if (used + n >= size) {
            break;
        }
        memcpy(to + used, length > 0 ? from : "?", n);
        used += n;
        from += n;
    }
    to[used] = '\0';
    return *from == '\0';
}

size_t ovnha_text_cut(const char *text, size_t limit)
{
    size_t length = strnlen(text, limit);

    while (length > 0 && is_continuation((unsigned char)text[length])) {
        length--;
    }
    return length;
}

/* The length of a character that XML can have; 0: it is none. */
static size_t XML_character(const char *text)
{
    return (unsigned char)*text < ' ' && !strchr("\t\n\r", *text) ? 0 : character(text);
}

static void print_character(FILE *out, const char *text, size_t length)
{
    switch (*text) {
    case '&':
        fputs("&amp;", out);
        break;
    case '<':
        fputs("&lt;", out);
        break;
    case '>':
        fputs("&gt;", out);
        break;
    case '"':
        fputs("&quot;", out);
        break;
    default:
        fwrite(text, 1, length, out);
    }
}

void ovnha_text_print_xml(FILE *out, const char *text, size_t limit)
{
    size_t done = 0;

    while (done < limit && text[done]) {
        const size_t length = XML_character(text + done);

        if (length > limit - done) {
            return;
        }
        if (length > 0) {
            print_character(out, text + done, length);
        } else {
            fputc('?', out);
        }
        done += length > 0 ? length : 1;
    }
}
