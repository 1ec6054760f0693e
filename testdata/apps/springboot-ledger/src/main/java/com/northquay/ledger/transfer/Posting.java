package com.northquay.ledger.transfer;

import java.math.BigDecimal;
import java.time.LocalDateTime;

import javax.persistence.Column;
import javax.persistence.Entity;
import javax.persistence.FetchType;
import javax.persistence.GeneratedValue;
import javax.persistence.GenerationType;
import javax.persistence.Id;
import javax.persistence.ManyToOne;

import com.northquay.ledger.account.Account;

@Entity
public class Posting {

	@Id
	@GeneratedValue(strategy = GenerationType.IDENTITY)
	private Long id;

	@ManyToOne(fetch = FetchType.LAZY, optional = false)
	private Account account;

	@Column(nullable = false, precision = 15, scale = 2)
	private BigDecimal amount;

	@Column(length = 140)
	private String memo;

	@Column(nullable = false)
	private LocalDateTime bookedAt;

	protected Posting() {
	}

	public Posting(Account account, BigDecimal amount, String memo, LocalDateTime bookedAt) {
		this.account = account;
		this.amount = amount;
		this.memo = memo;
		this.bookedAt = bookedAt;
	}

	public Long getId() {
		return id;
	}

	public Account getAccount() {
		return account;
	}

	public BigDecimal getAmount() {
		return amount;
	}

	public String getMemo() {
		return memo;
	}

	public LocalDateTime getBookedAt() {
		return bookedAt;
	}

}
