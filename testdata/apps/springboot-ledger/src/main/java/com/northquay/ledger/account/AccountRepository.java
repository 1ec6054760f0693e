package com.northquay.ledger.account;

import java.util.List;
import java.util.Optional;

import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Query;

public interface AccountRepository extends JpaRepository<Account, Long> {

	Optional<Account> findByNumber(String number);

	@Query("select a.number as number, a.name as name, a.currency as currency, coalesce(sum(p.amount), 0) as balance "
			+ "from Account a left join Posting p on p.account = a "
			+ "group by a.number, a.name, a.currency order by a.number")
	List<AccountBalance> findBalances();

}
