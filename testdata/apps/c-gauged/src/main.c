/* gauged - serves the levels of the harbour's tide gauges over HTTP */
#include <errno.h>
#include <event.h>
#include <evhttp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "gauged.h"

static struct config config;

static void on_list(struct evhttp_request *req, void *arg)
{
	struct evbuffer *out = evbuffer_new();
	size_t i;

	(void)arg;
	evbuffer_add_printf(out, "# gauge level time\n");
	for (i = 0; i < readings_count(); i++) {
		const struct reading *r = readings_get(i);
		evbuffer_add_printf(out, "%s %.3f %ld\n", r->gauge, r->level, r->at);
	}
	evhttp_add_header(evhttp_request_get_output_headers(req), "Content-Type", "text/plain");
	evhttp_send_reply(req, HTTP_OK, "OK", out);
	evbuffer_free(out);
}

/* /put?gauge=pier&level=2.41 */
static void on_put(struct evhttp_request *req, void *arg)
{
	struct evkeyvalq q;
	const char *gauge, *level;

	(void)arg;
	evhttp_parse_query(evhttp_request_get_uri(req), &q);
	gauge = evhttp_find_header(&q, "gauge");
	level = evhttp_find_header(&q, "level");
	if (gauge == NULL || level == NULL || strlen(gauge) > 31 || strpbrk(gauge, " \t\n") != NULL)
		evhttp_send_error(req, HTTP_BADREQUEST, "gauge and level are wanted");
	else if (readings_put(gauge, atof(level), (long)time(NULL)) != 0)
		evhttp_send_error(req, HTTP_SERVUNAVAIL, "no room for another gauge");
	else {
		if (readings_save(config.state) != 0)
			syslog(LOG_ERR, "cannot write %s: %s", config.state, strerror(errno));
		evhttp_send_reply(req, HTTP_OK, "OK", NULL);
	}
	evhttp_clear_headers(&q);
}

static void on_signal(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	syslog(LOG_INFO, "stopping");
	event_base_loopbreak(arg);
}

static void usage(void)
{
	fprintf(stderr,
		"usage: gauged [options]\n"
		"  -c FILE   configuration file (default /etc/gauged.conf)\n"
		"  -f        stay in the foreground\n"
		"  -h        this text\n");
	exit(2);
}

int main(int argc, char **argv)
{
	const char *file = "/etc/gauged.conf";
	int opt, foreground = 0, line;
	struct event_base *base;
	struct event *term, *intr;
	struct evhttp *http;

	while ((opt = getopt(argc, argv, "c:fh")) != -1)
		switch (opt) {
		case 'c':
			file = optarg;
			break;
		case 'f':
			foreground = 1;
			break;
		default:
			usage();
		}
	config_defaults(&config);
	if ((line = config_read(&config, file)) != 0) {
		if (line < 0)
			fprintf(stderr, "gauged: %s: %s\n", file, strerror(errno));
		else
			fprintf(stderr, "gauged: %s:%d: cannot be read\n", file, line);
		return 1;
	}
	if (!foreground && daemon(0, 0) != 0) {
		perror("gauged: daemon");
		return 1;
	}
	openlog("gauged", foreground ? LOG_PERROR : 0, LOG_DAEMON);
	readings_load(config.state);

	base = event_base_new();
	http = evhttp_new(base);
	if (evhttp_bind_socket(http, config.address, config.port) != 0) {
		syslog(LOG_ERR, "cannot listen on %s:%d", config.address, config.port);
		return 1;
	}
	evhttp_set_cb(http, "/", on_list, NULL);
	evhttp_set_cb(http, "/put", on_put, NULL);
	term = evsignal_new(base, SIGTERM, on_signal, base);
	intr = evsignal_new(base, SIGINT, on_signal, base);
	event_add(term, NULL);
	event_add(intr, NULL);
	syslog(LOG_INFO, "listening on %s:%d", config.address, config.port);
	event_base_dispatch(base);
	return 0;
}
