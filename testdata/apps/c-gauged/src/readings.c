#include <stdio.h>
#include <string.h>

#include "gauged.h"

static struct reading readings[MAX_GAUGES];
static size_t count;

size_t readings_count(void)
{
	return count;
}

const struct reading *readings_get(size_t i)
{
	return i < count ? &readings[i] : NULL;
}

int readings_put(const char *gauge, double level, long at)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (strcmp(readings[i].gauge, gauge) == 0)
			break;
	if (i == MAX_GAUGES)
		return -1;
	if (i == count) {
		snprintf(readings[i].gauge, sizeof readings[i].gauge, "%s", gauge);
		count++;
	}
	readings[i].level = level;
	readings[i].at = at;
	return 0;
}

int readings_load(const char *file)
{
	char gauge[32];
	double level;
	long at;
	FILE *f = fopen(file, "r");

	if (f == NULL)
		return -1;
	while (fscanf(f, "%31s %lf %ld", gauge, &level, &at) == 3)
		readings_put(gauge, level, at);
	fclose(f);
	return 0;
}

int readings_save(const char *file)
{
	char tmp[300];
	size_t i;
	FILE *f;

	snprintf(tmp, sizeof tmp, "%s.new", file);
	f = fopen(tmp, "w");
	if (f == NULL)
		return -1;
	for (i = 0; i < count; i++)
		fprintf(f, "%s %.3f %ld\n", readings[i].gauge, readings[i].level, readings[i].at);
	fclose(f);
	return rename(tmp, file);
}
