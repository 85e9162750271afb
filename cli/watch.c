/* SPDX-License-Identifier: Apache-2.0 */
#include "watch.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define EVERY_MS 2000

/* The other screen, no cursor, long lines cut; and back.  xterm's and ECMA-48's. */
#define BEGIN "\033[?1049h\033[?25l\033[?7l"
#define END   "\033[?7h\033[?25h\033[?1049l"

#define HOME       "\033[H"
#define CLEAR_LINE "\033[K"
#define CLEAR_REST "\033[J"

static volatile sig_atomic_t ended;

static void end(int signal)
{
    (void)signal;
    ended = 1;
}

/* A stop would leave the terminal as it is now. */
static void catch_signals(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    struct sigaction action = {.sa_handler = end}; /* poll is interrupted */

    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        sigaction(signals[i], &action, NULL);
    }
    action.sa_handler = SIG_IGN;
    sigaction(SIGTSTP, &action, NULL);
}

/* All at once, or it would flicker. */
static void put(const char *page)
{
    fputs(HOME, stdout);
    for (const char *c = page; *c; c++) {
        if (*c == '\n') {
            fputs(CLEAR_LINE, stdout);
        }
        putchar(*c);
    }
    fputs(CLEAR_REST, stdout);
    fflush(stdout);
}

static int show(int (*print)(FILE *out, void *aux), void *aux)
{
    char *page = NULL;
    size_t size;
    FILE *out = open_memstream(&page, &size);
    int code = -1;

    if (out) {
        code = print(out, aux);
        fclose(out);
        put(page);
    }
    free(page);
    return code;
}

/* Whether it was the end. */
static bool wait_for_a_key(void)
{
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    const int n = poll(&in, 1, EVERY_MS);
    char key = '\0';

    if (n < 0) {
        return errno != EINTR;
    }
    return n > 0 && (read(STDIN_FILENO, &key, 1) != 1 || key == 'q' || key == 'Q');
}

int ovnha_cli_watch(int (*print)(FILE *out, void *aux), void *aux)
{
    struct termios before, raw;
    int code;

    if (!isatty(STDOUT_FILENO) || tcgetattr(STDIN_FILENO, &before) != 0) {
        fprintf(stderr, "ovnha: --watch takes a terminal; without one, call ovnha status "
                        "again and again\n");
        return -1;
    }
    catch_signals();
    raw = before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    fputs(BEGIN, stdout);
    do {
        code = show(print, aux);
    } while (!ended && !wait_for_a_key() && !ended);
    fputs(END, stdout);
    fflush(stdout);
    tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
    return code;
}
