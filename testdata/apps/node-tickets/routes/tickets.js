var express = require('express');
var db = require('../lib/db');

var router = express.Router();

router.get('/', function (req, res, next) {
  db.query('SELECT id, title, state, created_at FROM tickets ORDER BY created_at DESC LIMIT 50', [], function (err, result) {
    if (err) return next(err);
    res.render('index', { tickets: result.rows, notices: req.flash('notice') });
  });
});

router.get('/:id(\\d+)', function (req, res, next) {
  db.query('SELECT * FROM tickets WHERE id = $1', [req.params.id], function (err, result) {
    if (err) return next(err);
    if (!result.rows.length) return next();
    res.render('ticket', { ticket: result.rows[0] });
  });
});

router.post('/', function (req, res, next) {
  var title = (req.body.title || '').trim();
  if (!title) {
    req.flash('notice', 'A ticket needs a title.');
    return res.redirect('/tickets');
  }
  db.query('INSERT INTO tickets (title, body) VALUES ($1, $2)', [title, req.body.body || ''], function (err) {
    if (err) return next(err);
    req.flash('notice', 'Your ticket was filed.');
    res.redirect('/tickets');
  });
});

module.exports = router;
