<?php
$host = getenv('DB_HOST') ? getenv('DB_HOST') : 'localhost';
$db = mysqli_connect($host, getenv('DB_USER'), getenv('DB_PASSWORD'), getenv('DB_NAME'));
if (!$db) {
    header('HTTP/1.0 500 Internal Server Error');
    die('The database cannot be reached.');
}
mysqli_query($db, 'CREATE TABLE IF NOT EXISTS notices (id INT AUTO_INCREMENT PRIMARY KEY, title VARCHAR(100), body TEXT, posted DATETIME)');
