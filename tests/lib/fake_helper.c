/* SPDX-License-Identifier: Apache-2.0 */
/* fake_helper SOCKET DIRECTORY: a resident helper for tests of the command `ovnha`, where
 * there is no cluster.
 *
 * It answers a method with what the file DIRECTORY/METHOD holds (ovnha/judge is in
 * "judge"), refuses one that has no file, and appends the method to DIRECTORY/asked.  It
 * serves one client after the other, until it is killed. */

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <jansson.h>

static const char *directory;

static json_t *answer(const char *method)
{
    const char *slash = strrchr(method, '/');
    char path[4096], text[65536];
    FILE *file;

    snprintf(path, sizeof path, "%s/asked", directory);
    file = fopen(path, "a");
    if (file) {
        fprintf(file, "%s\n", method);
        fclose(file);
    }
    snprintf(path, sizeof path, "%s/%s", directory, slash ? slash + 1 : method);
    file = fopen(path, "r");
    if (!file) {
        return NULL;
    }
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return json_string(text);
}

static void reply(int client, json_t *request)
{
    json_t *result = answer(json_string_value(json_object_get(request, "method")));
    json_t *message =
        json_pack("{s:O,s:o,s:o}", "id", json_object_get(request, "id"), "result",
                  result ? result : json_null(), "error",
                  result ? json_null() : json_string("refused by the test"));

    json_dumpfd(message, client, JSON_COMPACT);
    json_decref(message);
}

static void serve(int client)
{
    json_t *request;

    while ((request = json_loadfd(client, JSON_DISABLE_EOF_CHECK, NULL))) {
        reply(client, request);
        json_decref(request);
    }
    close(client);
}

int main(int argc, char *argv[])
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (argc != 3) {
        fprintf(stderr, "usage: fake_helper SOCKET DIRECTORY\n");
        return 2;
    }
    directory = argv[2];
    signal(SIGPIPE, SIG_IGN); /* not every client waits for its answer */
    snprintf(address.sun_path, sizeof address.sun_path, "%s.new", argv[1]);
    /* Whoever sees the socket can connect to it. */
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listener, 4) != 0 || rename(address.sun_path, argv[1]) != 0) {
        perror(argv[1]);
        return 1;
    }
    for (;;) {
        const int client = accept(listener, NULL, NULL);

        if (client >= 0) {
            serve(client);
        }
    }
}
