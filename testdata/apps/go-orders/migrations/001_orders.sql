CREATE TABLE orders (
    id serial PRIMARY KEY,
    customer text NOT NULL,
    flour text NOT NULL,
    kilos integer NOT NULL
);
