<?php
session_start();
require 'inc/db.php';
if ($_SERVER['REQUEST_METHOD'] == 'POST') {
    $title = mysqli_real_escape_string($db, $_POST['title']);
    $body = mysqli_real_escape_string($db, $_POST['body']);
    mysqli_query($db, "INSERT INTO notices (title, body, posted) VALUES ('$title', '$body', NOW())");
    if (!empty($_FILES['paper']['name'])) {
        move_uploaded_file($_FILES['paper']['tmp_name'], 'uploads/' . basename($_FILES['paper']['name']));
    }
    header('Location: index.php');
    exit;
}
?>
<html><body>
<form method="post" enctype="multipart/form-data">
<p>Title <input name="title"></p>
<p><textarea name="body"></textarea></p>
<p>Paper <input type="file" name="paper"></p>
<p><input type="submit" value="Post"></p>
</form>
</body></html>
