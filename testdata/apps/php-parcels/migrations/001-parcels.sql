CREATE TABLE IF NOT EXISTS parcels (code varchar(20) PRIMARY KEY, grams integer NOT NULL, told boolean NOT NULL DEFAULT false);
INSERT INTO parcels (code, grams) VALUES ('CH4711', 1200), ('DE0815', 350) ON CONFLICT DO NOTHING;
