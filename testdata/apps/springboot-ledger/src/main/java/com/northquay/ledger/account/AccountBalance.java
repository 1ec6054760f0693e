package com.northquay.ledger.account;

import java.math.BigDecimal;

/** An account with the sum of its postings. */
public interface AccountBalance {

	String getNumber();

	String getName();

	String getCurrency();

	BigDecimal getBalance();

}
