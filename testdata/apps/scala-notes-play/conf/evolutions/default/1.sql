# --- !Ups

create table note (
  id serial primary key,
  text varchar(500) not null
);

# --- !Downs

drop table note;
