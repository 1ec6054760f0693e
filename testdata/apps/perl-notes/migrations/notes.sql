-- 1 up
create table notes (id serial primary key, title text not null, body text not null);
-- 1 down
drop table notes;
