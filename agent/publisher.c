/* SPDX-License-Identifier: Apache-2.0 */
#include "publisher.h"

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "publish.h"

/* attrd is asked again after that. */
#define PUBLISH_MS 5000

struct order {
    const struct ovnha_context *context;
    int score;
};

struct outcome {
    enum ovnha_result result;
    struct ovnha_err err;
};

static void publish(int fd, void *aux)
{
    const struct order *order = aux;
    struct outcome outcome = {.err = {""}};

    outcome.result =
        ovnha_publish_score(order->context, order->score,
                            ovnha_deadline_after(ovnha_now(), PUBLISH_MS), &outcome.err);
    (void)!write(fd, &outcome, sizeof outcome);
}

enum ovnha_result ovnha_publisher_start(struct ovnha_publisher *publisher,
                                        const struct ovnha_context *context, int score,
                                        struct ovnha_err *err)
{
    struct order order = {context, score};

    publisher->score = score;
    return ovnha_child_start(&publisher->child, "ovnha-publish", publish, &order, err);
}

bool ovnha_publisher_runs(const struct ovnha_publisher *publisher)
{
    return publisher->child.pid > 0;
}

enum ovnha_result ovnha_publisher_take(struct ovnha_publisher *publisher,
                                       struct ovnha_err *err)
{
    struct outcome outcome;
    enum ovnha_result result;

    if (recv(publisher->child.fd, &outcome, sizeof outcome, MSG_DONTWAIT) ==
        (ssize_t)sizeof outcome) {
        *err = outcome.err;
        result = outcome.result;
    } else {
        result = ovnha_fail(err, OVNHA_ERR_LOST,
                            "the one that published the score was killed");
    }
    ovnha_child_end(&publisher->child);
    return result;
}
