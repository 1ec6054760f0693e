var assert = require('assert');
var settings = require('../lib/settings');

describe('settings', function () {
  it('has a title', function () {
    assert(settings.title);
  });
});
