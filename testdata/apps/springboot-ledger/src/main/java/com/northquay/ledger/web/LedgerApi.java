package com.northquay.ledger.web;

import java.util.List;

import javax.validation.Valid;

import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

import com.northquay.ledger.account.AccountBalance;
import com.northquay.ledger.account.AccountRepository;
import com.northquay.ledger.transfer.TransferRequest;
import com.northquay.ledger.transfer.TransferService;

@RestController
@RequestMapping("/api")
public class LedgerApi {

	private final AccountRepository accounts;

	private final TransferService transfers;

	public LedgerApi(AccountRepository accounts, TransferService transfers) {
		this.accounts = accounts;
		this.transfers = transfers;
	}

	@GetMapping("/accounts")
	public List<AccountBalance> accounts() {
		return accounts.findBalances();
	}

	@PostMapping("/transfers")
	@ResponseStatus(HttpStatus.CREATED)
	public void transfer(@Valid @RequestBody TransferRequest request) {
		transfers.book(request);
	}

}
