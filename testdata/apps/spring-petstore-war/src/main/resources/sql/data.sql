INSERT INTO category (id, name) SELECT 1, 'Cats'   WHERE NOT EXISTS (SELECT 1 FROM category WHERE id = 1);
INSERT INTO category (id, name) SELECT 2, 'Dogs'   WHERE NOT EXISTS (SELECT 1 FROM category WHERE id = 2);
INSERT INTO category (id, name) SELECT 3, 'Fish'   WHERE NOT EXISTS (SELECT 1 FROM category WHERE id = 3);

INSERT INTO pet (category_id, name, price, born)
    SELECT 1, 'Mitzi', 45.00, DATE '2018-03-14' WHERE NOT EXISTS (SELECT 1 FROM pet WHERE name = 'Mitzi');
INSERT INTO pet (category_id, name, price, born)
    SELECT 2, 'Barnaby', 320.00, DATE '2017-11-02' WHERE NOT EXISTS (SELECT 1 FROM pet WHERE name = 'Barnaby');
INSERT INTO pet (category_id, name, price, born)
    SELECT 3, 'Captain Gill', 4.50, NULL WHERE NOT EXISTS (SELECT 1 FROM pet WHERE name = 'Captain Gill');
