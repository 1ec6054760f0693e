from django.db import models


class Item(models.Model):
    shelf = models.CharField(max_length=12)
    name = models.CharField(max_length=120)
    pieces = models.IntegerField(default=0)

    def __unicode__(self):
        return u'%s: %s' % (self.shelf, self.name)
