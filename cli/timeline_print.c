/* SPDX-License-Identifier: Apache-2.0 */
#include "timeline_print.h"

#include <string.h>

#include <ovnha/text.h>

/* Long texts, the record for one, are cut in a table. */
#define TEXT_WIDTH 100

static const char *clock_of(int64_t at, bool whole, char text[40])
{
    char day[OVNHA_STAMP_SIZE];

    ovnha_stamp_local(at, day);
    snprintf(text, 40, "%s.%03d", whole ? day : strchr(day, ' ') + 1, (int)(at % 1000));
    return text;
}

static int64_t zero_of(const struct ovnha_failover *failover)
{
    return failover->lost ? failover->lost->from : failover->from;
}

static const char *former_of(const struct ovnha_failover *failover)
{
    return failover->former[0] ? failover->former : "nobody";
}

/*
 * Text.
 */

static void print_head(FILE *out, const struct ovnha_failover *failover)
{
    char at[40];

    fprintf(out, "%s  ", clock_of(zero_of(failover), true, at));
    if (failover->in_place) {
        fprintf(out, "restarted in place on %s\n", failover->now);
    } else if (!failover->knows_former) {
        fprintf(out, "the role went to %s (from whom, this node's logs do not know)\n",
                failover->now);
    } else {
        fprintf(out, "the role went from %s to %s\n", former_of(failover), failover->now);
    }
}

static void print_outage(FILE *out, const struct ovnha_failover *failover)
{
    char from[40], to[40];

    if (ovnha_failover_outage(failover) < 0) {
        fprintf(out,
                "outage    not known: no log says when the former active was lost\n");
        return;
    }
    fprintf(out, "outage    %s%lld ms: from %s (%s: %.60s) to %s (%s: %.60s)\n",
            failover->coarse ? "at most " : "",
            (long long)ovnha_failover_outage(failover),
            clock_of(failover->lost->from, false, from), failover->lost->host,
            failover->lost->text, clock_of(ovnha_failover_served_at(failover), false, to),
            failover->served->host, failover->served->text);
    fprintf(out,
            "          by the logs; when the last write before and the first one after "
            "it were, only clients know\n");
}

static void print_event(FILE *out, const struct ovnha_event *event, int64_t zero)
{
    char at[40];

    fprintf(out, "%s %+8lld  %-10s %-9s ", clock_of(event->from, false, at),
            (long long)(event->from - zero), event->host,
            ovnha_event_kind_to_str(event->kind));
    if (event->kind == OVNHA_EVENT_OPERATION && !event->open) {
        fprintf(out, "%s: %lld ms%s\n", event->text, (long long)(event->to - event->from),
                event->of_cib ? " (by the CIB: it began within that second)" : "");
    } else {
        fprintf(out, "%.*s%s\n", (int)ovnha_text_cut(event->text, TEXT_WIDTH),
                event->text, strlen(event->text) > TEXT_WIDTH ? "..." : "");
    }
}

/* A node that takes part, and of which there are only operations by the CIB. */
static bool is_silent(const struct ovnha_events *events, const char *host)
{
    for (size_t i = 0; i < events->n; i++) {
        if (strcmp(events->event[i].host, host) == 0 && !events->event[i].of_cib) {
            return false;
        }
    }
    return true;
}

static void print_missing(FILE *out, const struct ovnha_events *events, const char *host,
                          const char *what)
{
    if (host[0] && is_silent(events, host)) {
        fprintf(out, "missing   the log of %s: it has %s (--log FILE)\n", host, what);
    }
}

void ovnha_timeline_text(FILE *out, const struct ovnha_events *events,
                         const struct ovnha_failover *failover, bool all)
{
    print_head(out, failover);
    print_outage(out, failover);
    for (size_t i = failover->first; i < failover->last; i++) {
        if (all || !ovnha_failover_is_detail(events, failover, &events->event[i])) {
            print_event(out, &events->event[i], zero_of(failover));
        }
    }
    print_missing(out, events, failover->former,
                  "when its server ended or its clients were cut, and why");
    if (strcmp(failover->former, failover->now) != 0) {
        print_missing(out, events, failover->now,
                      "when clients were let in, and the steps of the promotion");
    }
}

/*
 * JSON.
 */

static json_t *event_json(const struct ovnha_event *event, int64_t zero)
{
    json_t *json = json_pack("{s:s,s:s,s:s}", "host", event->host, "kind",
                             ovnha_event_kind_to_str(event->kind), "what", event->text);

    if (event->kind == OVNHA_EVENT_OPERATION) {
        json_object_set_new(json, "from", json_integer(event->from - zero));
        json_object_set_new(json, "to",
                            event->open ? json_null() : json_integer(event->to - zero));
        json_object_set_new(json, "action", json_string(event->action));
        json_object_set_new(json, "resource", json_string(event->resource));
        json_object_set_new(json, "failed", json_boolean(event->failed));
        json_object_set_new(json, "whole_seconds", json_boolean(event->of_cib));
    } else {
        json_object_set_new(json, "at", json_integer(event->from - zero));
    }
    return json;
}

json_t *ovnha_timeline_json(const struct ovnha_events *events,
                            const struct ovnha_failover *failover)
{
    const int64_t zero = zero_of(failover), outage = ovnha_failover_outage(failover);
    json_t *spans = json_array(), *points = json_array();

    for (size_t i = failover->first; i < failover->last; i++) {
        const struct ovnha_event *event = &events->event[i];

        json_array_append_new(event->kind == OVNHA_EVENT_OPERATION ? spans : points,
                              event_json(event, zero));
    }
    return json_pack("{s:s,s:s,s:b,s:s,s:I,s:o,s:b,s:o,s:o}", "event",
                     failover->in_place ? "restart" : "move", "former", failover->former,
                     "former_known", failover->knows_former, "now", failover->now,
                     "begin", (json_int_t)zero, "outage_ms",
                     outage < 0 ? json_null() : json_integer(outage), "whole_seconds",
                     failover->coarse, "points", points, "spans", spans);
}

/*
 * SVG.
 */

#define TITLE_WIDTH 70

#define LEFT  330
#define RIGHT 860
#define TOP   44

static void draw_text(FILE *out, double x, double y, int size, const char *colour,
                      const char *text)
{
    fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%d\" fill=\"%s\">", x, y, size,
            colour);
    ovnha_text_print_xml(out, text, TITLE_WIDTH);
    fputs("</text>\n", out);
}

static void draw_line(FILE *out, double x, double y1, double y2, const char *colour,
                      const char *dashes)
{
    fprintf(out,
            "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\" "
            "stroke-dasharray=\"%s\"/>\n",
            x, y1, x, y2, colour, dashes);
}

static const char *colour_of(const char *action)
{
    static const struct {
        const char *action, *colour;
    } colours[] = {{"demote", "#e36209"},
                   {"promote", "#1f6feb"},
                   {"start", "#22863a"},
                   {"stop", "#d73a49"},
                   {"notify", "#b0b7bf"}};

    for (size_t i = 0; i < sizeof colours / sizeof colours[0]; i++) {
        if (strcmp(colours[i].action, action) == 0) {
            return colours[i].colour;
        }
    }
    return "#6a737d";
}

struct scale {
    int64_t from;
    double factor;
};

static double place(const struct scale *scale, int64_t at)
{
    return LEFT + (double)(at - scale->from) * scale->factor;
}

static void draw_scale(FILE *out, const struct scale *scale, int64_t zero, int64_t to,
                       double bottom)
{
    static const int steps[] = {10, 20, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10000};
    int64_t step = 20000;
    char text[32];

    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && step == 20000; i++) {
        if ((to - scale->from) / steps[i] <= 8) {
            step = steps[i];
        }
    }
    for (int64_t mark = zero - (zero - scale->from) / step * step; mark <= to;
         mark += step) {
        draw_line(out, place(scale, mark), TOP - 8, bottom, "#d1d5da", "none");
        snprintf(text, sizeof text, "%lld ms", (long long)(mark - zero));
        draw_text(out, place(scale, mark) - 14, bottom + 14, 11, "#586069", text);
    }
}

/* Steps are left out of the picture, which has a row for everything else. */
static bool is_drawn(const struct ovnha_events *events,
                     const struct ovnha_failover *failover,
                     const struct ovnha_event *event)
{
    return !ovnha_failover_is_detail(events, failover, event) &&
           (event->kind != OVNHA_EVENT_STEP || event->serves);
}

static void draw_event(FILE *out, const struct ovnha_event *event,
                       const struct scale *scale, int64_t zero, double y)
{
    char label[OVNHA_LOG_WORD + OVNHA_EVENT_TEXT + 4], figure[32];
    const double x = place(scale, event->from);

    snprintf(label, sizeof label, "%s: %.*s", event->host,
             (int)ovnha_text_cut(event->text, 44), event->text);
    draw_text(out, 12, y + 9, 11, "#24292e", label);
    if (event->kind == OVNHA_EVENT_OPERATION) {
        const double width = (double)(event->to - event->from) * scale->factor;

        fprintf(out,
                "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"10\" rx=\"2\" "
                "fill=\"%s\"/>\n",
                x, y, width < 1 ? 1 : width, colour_of(event->action));
        snprintf(figure, sizeof figure, "%lld", (long long)(event->to - event->from));
        draw_text(out, x + (width < 1 ? 1 : width) + 4, y + 9, 10, "#586069", figure);
        return;
    }
    fprintf(out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>\n", x, y + 5,
            event->kind == OVNHA_EVENT_GRAPH ? "#6f42c1" : "#24292e");
    snprintf(figure, sizeof figure, "%+lld", (long long)(event->from - zero));
    draw_text(out, x + 6, y + 9, 10, "#586069", figure);
}

static void draw_head(FILE *out, const struct ovnha_failover *failover)
{
    char title[300], at[40];

    snprintf(title, sizeof title, "%s: %s to %s", clock_of(zero_of(failover), true, at),
             failover->knows_former ? former_of(failover) : "not known", failover->now);
    draw_text(out, 12, 22, 14, "#24292e", title);
    if (ovnha_failover_outage(failover) >= 0) {
        snprintf(title, sizeof title, "outage by the logs: %lld ms",
                 (long long)ovnha_failover_outage(failover));
        draw_text(out, LEFT + 200, 22, 14, "#24292e", title);
    }
}

void ovnha_timeline_svg(FILE *out, const struct ovnha_events *events,
                        const struct ovnha_failover *failover)
{
    const int64_t length =
        failover->to > failover->from ? failover->to - failover->from : 1;
    const struct scale scale = {failover->from, (double)(RIGHT - LEFT) / (double)length};
    size_t rows = 0;
    double y = TOP;

    for (size_t i = failover->first; i < failover->last; i++) {
        rows += is_drawn(events, failover, &events->event[i]);
    }
    const double bottom = TOP + 16 * (double)rows;

    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 900 %.0f\" "
            "width=\"900\" height=\"%.0f\" font-family=\"sans-serif\">\n"
            "<rect width=\"900\" height=\"%.0f\" fill=\"#ffffff\"/>\n",
            bottom + 30, bottom + 30, bottom + 30);
    draw_head(out, failover);
    draw_scale(out, &scale, zero_of(failover), failover->to, bottom);
    if (ovnha_failover_outage(failover) >= 0) {
        draw_line(out, place(&scale, failover->lost->from), TOP - 8, bottom, "#d73a49",
                  "3 3");
        draw_line(out, place(&scale, ovnha_failover_served_at(failover)), TOP - 8, bottom,
                  "#22863a", "3 3");
    }
    for (size_t i = failover->first; i < failover->last; i++) {
        if (is_drawn(events, failover, &events->event[i])) {
            draw_event(out, &events->event[i], &scale, zero_of(failover), y);
            y += 16;
        }
    }
    fputs("</svg>\n", out);
}
