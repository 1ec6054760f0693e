var pg = require('pg');
var settings = require('./settings');

var pool = new pg.Pool({ connectionString: settings.database });

exports.query = function (text, values, done) {
  pool.query(text, values, done);
};
