var path = require('path');
var express = require('express');
var bodyParser = require('body-parser');
var methodOverride = require('method-override');
var morgan = require('morgan');
var session = require('express-session');
var flash = require('connect-flash');

var settings = require('./lib/settings');
var tickets = require('./routes/tickets');
var attachments = require('./routes/attachments');

var app = express();

app.set('views', path.join(__dirname, 'views'));
app.set('view engine', 'ejs');
app.locals.title = settings.title;

app.use(morgan(app.get('env') === 'production' ? 'combined' : 'dev'));
app.use(bodyParser.urlencoded({ extended: false }));
app.use(methodOverride('_method'));
app.use(session({
  secret: settings.sessionSecret,
  resave: false,
  saveUninitialized: false
}));
app.use(flash());
app.use(express.static(path.join(__dirname, 'public')));

app.get('/health', function (req, res) {
  res.type('text').send('ok\n');
});

app.use('/tickets', tickets);
app.use('/attachments', attachments);

app.get('/', function (req, res) {
  res.redirect('/tickets');
});

app.use(function (req, res) {
  res.status(404).render('error', { message: 'There is no such page.' });
});

app.use(function (err, req, res, next) {
  console.error(err.stack);
  res.status(500).render('error', { message: 'Something went wrong.' });
});

module.exports = app;
