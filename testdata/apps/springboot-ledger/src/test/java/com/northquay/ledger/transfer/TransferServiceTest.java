package com.northquay.ledger.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import java.math.BigDecimal;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.mockito.ArgumentCaptor;

import com.northquay.ledger.account.Account;
import com.northquay.ledger.account.AccountRepository;

class TransferServiceTest {

	private final AccountRepository accounts = mock(AccountRepository.class);

	private final PostingRepository postings = mock(PostingRepository.class);

	private final TransferService service = new TransferService(accounts, postings,
			Clock.fixed(Instant.parse("2020-06-01T10:00:00Z"), ZoneOffset.UTC));

	@Test
	void postingsSumUpToZero() {
		account("1000");
		account("2000");

		service.book(request("1000", "2000", "12.50"));

		ArgumentCaptor<Posting> saved = ArgumentCaptor.forClass(Posting.class);
		verify(postings, times(2)).save(saved.capture());
		assertThat(saved.getAllValues()).extracting(Posting::getAmount)
				.containsExactly(new BigDecimal("-12.50"), new BigDecimal("12.50"));
	}

	@Test
	void unknownAccountBooksNothing() {
		account("1000");

		assertThatThrownBy(() -> service.book(request("1000", "9999", "1.00")))
				.isInstanceOf(UnknownAccountException.class);
		verify(postings, never()).save(any());
	}

	private void account(String number) {
		when(accounts.findByNumber(number))
				.thenReturn(Optional.of(new Account(number, "Account " + number, LocalDate.of(2019, 1, 1))));
	}

	private static TransferRequest request(String from, String to, String amount) {
		TransferRequest request = new TransferRequest();
		request.setFrom(from);
		request.setTo(to);
		request.setAmount(new BigDecimal(amount));
		return request;
	}

}
