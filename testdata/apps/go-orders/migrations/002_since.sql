ALTER TABLE orders ADD COLUMN since timestamp NOT NULL DEFAULT now();
