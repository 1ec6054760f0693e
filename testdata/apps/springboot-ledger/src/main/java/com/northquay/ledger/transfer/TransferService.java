package com.northquay.ledger.transfer;

import java.time.Clock;
import java.time.LocalDateTime;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

import com.northquay.ledger.account.Account;
import com.northquay.ledger.account.AccountRepository;

@Service
public class TransferService {

	private static final Logger log = LoggerFactory.getLogger(TransferService.class);

	private final AccountRepository accounts;

	private final PostingRepository postings;

	private final Clock clock;

	@Autowired
	public TransferService(AccountRepository accounts, PostingRepository postings) {
		this(accounts, postings, Clock.systemUTC());
	}

	TransferService(AccountRepository accounts, PostingRepository postings, Clock clock) {
		this.accounts = accounts;
		this.postings = postings;
		this.clock = clock;
	}

	/** Two postings that sum up to zero, or none. */
	@Transactional
	public void book(TransferRequest request) {
		Account from = find(request.getFrom());
		Account to = find(request.getTo());
		LocalDateTime now = LocalDateTime.now(clock);
		postings.save(new Posting(from, request.getAmount().negate(), request.getMemo(), now));
		postings.save(new Posting(to, request.getAmount(), request.getMemo(), now));
		log.info("booked {} from {} to {}", request.getAmount(), from.getNumber(), to.getNumber());
	}

	private Account find(String number) {
		return accounts.findByNumber(number).orElseThrow(() -> new UnknownAccountException(number));
	}

}
