// Creates what is missing. Safe to run again.
var fs = require('fs');
var path = require('path');
var pg = require('pg');
var settings = require('../lib/settings');

var client = new pg.Client({ connectionString: settings.database });

client.connect(function (err) {
  if (err) throw err;
  client.query(fs.readFileSync(path.join(__dirname, 'schema.sql'), 'utf8'), function (err) {
    if (err) throw err;
    console.log('the tables are there');
    client.end();
  });
});
