# -*- coding: utf-8 -*-
from south.db import db
from south.v2 import SchemaMigration


class Migration(SchemaMigration):

    def forwards(self, orm):
        db.create_table(u'stock_item', (
            (u'id', self.gf('django.db.models.fields.AutoField')(primary_key=True)),
            ('shelf', self.gf('django.db.models.fields.CharField')(max_length=12)),
            ('name', self.gf('django.db.models.fields.CharField')(max_length=120)),
            ('pieces', self.gf('django.db.models.fields.IntegerField')(default=0)),
        ))

    def backwards(self, orm):
        db.delete_table(u'stock_item')

    models = {}
