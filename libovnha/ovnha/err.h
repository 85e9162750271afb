/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OVNHA_ERR_H
#define OVNHA_ERR_H

#ifdef __cplusplus
extern "C" {
#endif

/* Results and error texts.
 *
 * A fallible function returns an `enum ovnha_result` and, when that is not
 * OVNHA_OK, leaves in `*err` one sentence for a person: what was wrong, the
 * value, the next step where there is one.  Callers on the way up put their own
 * context in front with ovnha_err_wrap(), so the text that reaches `crm_mon`
 * reads from the intention down to the cause.
 *
 * The result is for the program (may I retry? is the peer gone?), the text is
 * for people; nothing ever parses the text. */

#define OVNHA_MUST_USE          __attribute__((warn_unused_result))
#define OVNHA_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* The longest error text kept, with its NUL.  Pacemaker shows an exit reason on
 * one line; longer texts are cut at the end, never in front. */
#define OVNHA_ERR_SIZE 512

enum ovnha_result {
    OVNHA_OK = 0,
    OVNHA_ERR_TIMEOUT,     /* the deadline passed: the outcome is unknown */
    OVNHA_ERR_UNAVAILABLE, /* nobody listens there: surely not carried out */
    OVNHA_ERR_LOST,        /* the peer hung up in mid-conversation: unknown */
    OVNHA_ERR_REFUSED,     /* the peer understood and said no */
    OVNHA_ERR_PROTOCOL,    /* the peer's answer makes no sense to us */
    OVNHA_ERR_INVALID,     /* an argument or a parameter is wrong */
    OVNHA_ERR_MISSING,     /* a program or file that must exist does not */
    OVNHA_ERR_SYSTEM,      /* a system call failed; the text names errno */
    OVNHA_ERR_CONFLICT,    /* someone else changed it first (compare-and-swap) */
};

struct ovnha_err {
    char text[OVNHA_ERR_SIZE];
};

/* The name of a result, as logs print it ("timeout"). */
const char *ovnha_result_to_str(enum ovnha_result result);

/* Write the text and hand `result` back, so that `return ovnha_fail(...)` is
 * one line.  `err` may be NULL when nobody will read it.  Line breaks and other
 * control characters become spaces: peers' texts have some, an exit reason none. */
enum ovnha_result ovnha_fail(struct ovnha_err *err, enum ovnha_result result,
                             const char *format, ...) OVNHA_PRINTF(3, 4);

/* The same with ": " and the text of `errnum` at the end. */
enum ovnha_result ovnha_fail_errno(struct ovnha_err *err, int errnum, const char *format,
                                   ...) OVNHA_PRINTF(3, 4);

/* Put "context: " in front of the text that is already there. */
void ovnha_err_wrap(struct ovnha_err *err, const char *format, ...) OVNHA_PRINTF(2, 3);

#ifdef __cplusplus
}
#endif

#endif
