CREATE TABLE account (
    id         BIGINT       NOT NULL AUTO_INCREMENT,
    number     VARCHAR(12)  NOT NULL,
    name       VARCHAR(80)  NOT NULL,
    currency   CHAR(3)      NOT NULL DEFAULT 'EUR',
    opened_on  DATE         NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY uk_account_number (number)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
