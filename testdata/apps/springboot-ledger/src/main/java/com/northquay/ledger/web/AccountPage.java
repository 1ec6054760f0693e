package com.northquay.ledger.web;

import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;

import com.northquay.ledger.account.AccountRepository;

@Controller
public class AccountPage {

	private final AccountRepository accounts;

	public AccountPage(AccountRepository accounts) {
		this.accounts = accounts;
	}

	@GetMapping("/")
	public String list(Model model) {
		model.addAttribute("accounts", accounts.findBalances());
		return "accounts";
	}

}
