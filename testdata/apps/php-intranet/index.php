<?php
require 'inc/db.php';
// The dates are written in German.
if (!setlocale(LC_ALL, 'de_DE.UTF-8')) {
    header('HTTP/1.0 500 Internal Server Error');
    die('The locale de_DE.UTF-8 is not installed.');
}
$rows = mysqli_query($db, 'SELECT title, body, posted FROM notices ORDER BY posted DESC LIMIT 20');
?>
<html>
<head><title>Intranet</title></head>
<body>
<h1>Notices</h1>
<?php while ($rows && $row = mysqli_fetch_assoc($rows)) { ?>
<h2><?php echo htmlspecialchars($row['title']); ?></h2>
<p><?php echo strftime('%A, %e. %B %Y', strtotime($row['posted'])); ?></p>
<p><?php echo nl2br(htmlspecialchars($row['body'])); ?></p>
<?php } ?>
<p><a href="post.php">Post a notice</a></p>
</body>
</html>
