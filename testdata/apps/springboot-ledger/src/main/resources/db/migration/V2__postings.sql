CREATE TABLE posting (
    id          BIGINT         NOT NULL AUTO_INCREMENT,
    account_id  BIGINT         NOT NULL,
    amount      DECIMAL(15, 2) NOT NULL,
    memo        VARCHAR(140),
    booked_at   DATETIME       NOT NULL,
    PRIMARY KEY (id),
    KEY ix_posting_account (account_id),
    CONSTRAINT fk_posting_account FOREIGN KEY (account_id) REFERENCES account (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
