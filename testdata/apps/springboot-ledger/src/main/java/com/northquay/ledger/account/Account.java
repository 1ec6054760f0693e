package com.northquay.ledger.account;

import java.time.LocalDate;

import javax.persistence.Column;
import javax.persistence.Entity;
import javax.persistence.GeneratedValue;
import javax.persistence.GenerationType;
import javax.persistence.Id;

@Entity
public class Account {

	@Id
	@GeneratedValue(strategy = GenerationType.IDENTITY)
	private Long id;

	@Column(nullable = false, unique = true, length = 12)
	private String number;

	@Column(nullable = false, length = 80)
	private String name;

	@Column(nullable = false, columnDefinition = "char(3)")
	private String currency = "EUR";

	@Column(nullable = false)
	private LocalDate openedOn;

	protected Account() {
	}

	public Account(String number, String name, LocalDate openedOn) {
		this.number = number;
		this.name = name;
		this.openedOn = openedOn;
	}

	public Long getId() {
		return id;
	}

	public String getNumber() {
		return number;
	}

	public String getName() {
		return name;
	}

	public String getCurrency() {
		return currency;
	}

	public LocalDate getOpenedOn() {
		return openedOn;
	}

}
