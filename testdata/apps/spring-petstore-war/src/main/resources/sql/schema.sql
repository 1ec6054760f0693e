CREATE TABLE IF NOT EXISTS category (
    id   INTEGER      NOT NULL PRIMARY KEY,
    name VARCHAR(40)  NOT NULL UNIQUE
);

CREATE TABLE IF NOT EXISTS pet (
    id          SERIAL        NOT NULL PRIMARY KEY,
    category_id INTEGER       NOT NULL REFERENCES category (id),
    name        VARCHAR(60)   NOT NULL,
    price       NUMERIC(8, 2) NOT NULL,
    born        DATE
);
