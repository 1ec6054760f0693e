INSERT INTO account (number, name, opened_on) VALUES
    ('1000', 'Cash',                 '2019-01-01'),
    ('1200', 'Bank, main branch',    '2019-01-01'),
    ('2000', 'Office supplies',      '2019-01-01'),
    ('3000', 'Owner''s equity',      '2019-01-01');

INSERT INTO posting (account_id, amount, memo, booked_at)
SELECT id, 500.00, 'Opening balance', '2019-01-01 00:00:00' FROM account WHERE number = '1000';
INSERT INTO posting (account_id, amount, memo, booked_at)
SELECT id, 12000.00, 'Opening balance', '2019-01-01 00:00:00' FROM account WHERE number = '1200';
INSERT INTO posting (account_id, amount, memo, booked_at)
SELECT id, -12500.00, 'Opening balance', '2019-01-01 00:00:00' FROM account WHERE number = '3000';
