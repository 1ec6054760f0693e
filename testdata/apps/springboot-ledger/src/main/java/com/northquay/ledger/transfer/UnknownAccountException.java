package com.northquay.ledger.transfer;

import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.ResponseStatus;

@ResponseStatus(HttpStatus.UNPROCESSABLE_ENTITY)
public class UnknownAccountException extends RuntimeException {

	public UnknownAccountException(String number) {
		super("no account " + number);
	}

}
