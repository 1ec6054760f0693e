CREATE TABLE IF NOT EXISTS tickets (
  id serial PRIMARY KEY,
  title varchar(200) NOT NULL,
  body text NOT NULL DEFAULT '',
  state varchar(10) NOT NULL DEFAULT 'open',
  created_at timestamp NOT NULL DEFAULT now()
);
