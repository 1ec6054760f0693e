# Loaded by every program.
$title    = 'Guest book of the village choir';
$per_page = 20;
1;
