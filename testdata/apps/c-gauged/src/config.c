#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gauged.h"

void config_defaults(struct config *c)
{
	strcpy(c->address, "0.0.0.0");
	c->port = 7070;
	strcpy(c->state, "/var/lib/gauged/readings");
}

/* Lines are "key = value"; # begins a comment. */
int config_read(struct config *c, const char *file)
{
	char line[512], key[64], value[256];
	FILE *f = fopen(file, "r");
	int n = 0;

	if (f == NULL)
		return -1;
	while (fgets(line, sizeof line, f) != NULL) {
		n++;
		if (sscanf(line, " %63[a-z_] = %255s", key, value) != 2) {
			char *p = line + strspn(line, " \t\r\n");
			if (*p != '\0' && *p != '#') {
				fclose(f);
				return n;
			}
			continue;
		}
		if (strcmp(key, "address") == 0)
			snprintf(c->address, sizeof c->address, "%s", value);
		else if (strcmp(key, "port") == 0)
			c->port = atoi(value);
		else if (strcmp(key, "state_file") == 0)
			snprintf(c->state, sizeof c->state, "%s", value);
	}
	fclose(f);
	return 0;
}
