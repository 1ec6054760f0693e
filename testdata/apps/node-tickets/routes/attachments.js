var express = require('express');
var multer = require('multer');

var router = express.Router();
var upload = multer({ dest: 'uploads/' });

router.post('/', upload.single('file'), function (req, res) {
  if (!req.file) return res.status(400).send('no file\n');
  res.status(201).send(req.file.filename + '\n');
});

module.exports = router;
