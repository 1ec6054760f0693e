#ifndef GAUGED_H
#define GAUGED_H

#include <stddef.h>

#define MAX_GAUGES 64

struct config {
	char address[64];
	int port;
	char state[256];	/* file that readings are kept in */
};

struct reading {
	char gauge[32];
	double level;		/* metres above the chart datum */
	long at;		/* seconds since 1970 */
};

void config_defaults(struct config *c);
int config_read(struct config *c, const char *file);

int readings_load(const char *file);
int readings_save(const char *file);
int readings_put(const char *gauge, double level, long at);
size_t readings_count(void);
const struct reading *readings_get(size_t i);

#endif
