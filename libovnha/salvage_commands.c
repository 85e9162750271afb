/* SPDX-License-Identifier: Apache-2.0 */
/* A difference as commands that somebody reviews, and runs.
 *
 * Rows that point to each other have to come back in one transaction, so each such group
 * is one command line of ovn-nbctl and its like: a row that others point to is @N there
 * (ovs-vsctl(8), "--id").  Strings are always quoted twice, for the tool and for the
 * shell: no name can become an option, a set or a command. */

#include <ovnha/salvage.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct writer {
    FILE *out;
    const struct ovnha_database *database;
    json_t *rows;
    json_t *number; /* {UUID: index in `rows`} */
    size_t *group;  /* of each row: the lowest index in its group */
};

/*
 * Groups.
 */

static size_t group_of(const struct writer *w, size_t i)
{
    while (w->group[i] != i) {
        i = w->group[i];
    }
    return i;
}

static void unite(struct writer *w, size_t a, size_t b)
{
    const size_t first = group_of(w, a), second = group_of(w, b);

    if (first < second) {
        w->group[second] = first;
    } else {
        w->group[first] = second;
    }
}

/* The number of the missing row that an atom points to, or -1. */
static long points_to(const struct writer *w, json_t *atom)
{
    const char *tag = json_string_value(json_array_get(atom, 0));
    const char *uuid = json_string_value(json_array_get(atom, 1));
    json_t *number = json_array_size(atom) == 2 && tag && uuid && !strcmp(tag, "uuid")
                         ? json_object_get(w->number, uuid)
                         : NULL;

    return number ? (long)json_integer_value(number) : -1;
}

static void unite_with_all_in(struct writer *w, size_t row, json_t *value)
{
    const long other = points_to(w, value);
    json_t *element;
    size_t i;

    if (other >= 0) {
        unite(w, row, (size_t)other);
    } else {
        json_array_foreach(value, i, element)
        {
            unite_with_all_in(w, row, element);
        }
    }
}

static void find_groups(struct writer *w)
{
    json_t *row, *value;
    const char *column;
    size_t i;

    json_array_foreach(w->rows, i, row)
    {
        w->group[i] = i;
        json_object_set_new(w->number, json_string_value(json_object_get(row, "uuid")),
                            json_integer((json_int_t)i));
    }
    json_array_foreach(w->rows, i, row)
    {
        json_object_foreach(json_object_get(row, "row"), column, value)
        {
            unite_with_all_in(w, i, value);
        }
    }
}

/*
 * Words.
 */

/* A text as one word of a shell. */
static void write_quoted(FILE *out, const char *text)
{
    putc('\'', out);
    for (; *text; text++) {
        if (*text == '\'') {
            fputs("'\\''", out);
        } else {
            putc(*text, out);
        }
    }
    putc('\'', out);
}

static void write_atom(const struct writer *w, FILE *out, json_t *atom)
{
    const long number = points_to(w, atom);

    if (number >= 0) {
        fprintf(out, "@r%ld", number);
    } else if (json_is_array(atom)) {
        fputs(json_string_value(json_array_get(atom, 1)), out);
    } else {
        char *text = json_dumps(atom, JSON_ENCODE_ANY | JSON_COMPACT);

        fputs(text ? text : "", out);
        free(text);
    }
}

static bool is_tagged(json_t *value, const char *tag)
{
    const char *found = json_string_value(json_array_get(value, 0));

    return found && strcmp(found, tag) == 0;
}

static void write_value(const struct writer *w, FILE *out, json_t *value)
{
    const bool is_map = is_tagged(value, "map");
    json_t *element;
    size_t i;

    if (!is_map && !is_tagged(value, "set")) {
        write_atom(w, out, value);
        return;
    }
    putc(is_map ? '{' : '[', out);
    json_array_foreach(json_array_get(value, 1), i, element)
    {
        fputs(i > 0 ? "," : "", out);
        if (is_map) {
            write_atom(w, out, json_array_get(element, 0));
            putc('=', out);
            write_atom(w, out, json_array_get(element, 1));
        } else {
            write_atom(w, out, element);
        }
    }
    putc(is_map ? '}' : ']', out);
}

/* COLUMN=VALUE, quoted. */
static void write_assignment(const struct writer *w, const char *column, json_t *value)
{
    char *text = NULL;
    size_t size;
    FILE *word = open_memstream(&text, &size);

    if (word) {
        fprintf(word, "%s=", column);
        write_value(w, word, value);
        fclose(word);
        putc(' ', w->out);
        write_quoted(w->out, text);
    }
    free(text);
}

/*
 * Lines.
 */

static const char *member(json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

static void write_row(const struct writer *w, size_t i)
{
    json_t *row = json_array_get(w->rows, i), *value;
    const char *column;

    fprintf(w->out, " \\\n    -- --id=@r%zu create %s", i, member(row, "table"));
    json_object_foreach(json_object_get(row, "row"), column, value)
    {
        write_assignment(w, column, value);
    }
}

static void write_group(const struct writer *w, size_t group, json_t *links)
{
    json_t *link;
    size_t i;

    fprintf(w->out, "%s --no-leader-only", w->database->client_tool);
    for (i = group; i < json_array_size(w->rows); i++) {
        if (group_of(w, i) == group) {
            write_row(w, i);
        }
    }
    json_array_foreach(links, i, link)
    {
        json_t *number = json_object_get(w->number, member(link, "to"));
        const size_t to = (size_t)json_integer_value(number);

        if (number && group_of(w, to) == group) {
            fprintf(w->out, " \\\n    -- add %s %s %s @r%zu", member(link, "table"),
                    member(link, "uuid"), member(link, "column"), to);
        }
    }
    fputs("\n", w->out);
}

static void write_change(const struct writer *w, json_t *change)
{
    fputs("# now", w->out);
    write_assignment(w, member(change, "column"), json_object_get(change, "now"));
    fprintf(w->out, ":\n# %s set %s %s", w->database->client_tool,
            member(change, "table"), member(change, "uuid"));
    write_assignment(w, member(change, "column"), json_object_get(change, "saved"));
    fputs("\n", w->out);
}

char *ovnha_salvage_commands(const struct ovnha_database *database, json_t *difference)
{
    struct writer w = {.database = database,
                       .rows = json_object_get(difference, "rows"),
                       .number = json_object()};
    char *text = NULL;
    size_t size;
    json_t *change;

    w.group = calloc(json_array_size(w.rows) + 1, sizeof *w.group);
    w.out = open_memstream(&text, &size);
    if (w.group && w.out) {
        find_groups(&w);
        for (size_t i = 0; i < json_array_size(w.rows); i++) {
            if (w.group[i] == i) {
                write_group(&w, i, json_object_get(difference, "links"));
            }
        }
        size_t n;

        json_array_foreach(json_object_get(difference, "changed"), n, change)
        {
            write_change(&w, change);
        }
    }
    if (w.out) {
        fclose(w.out);
    }
    free(w.group);
    json_decref(w.number);
    return text;
}
