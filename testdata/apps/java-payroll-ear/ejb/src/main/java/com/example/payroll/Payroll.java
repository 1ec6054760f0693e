package com.example.payroll;

import java.math.BigDecimal;
import java.util.List;
import javax.ejb.Stateless;
import javax.persistence.EntityManager;
import javax.persistence.PersistenceContext;

@Stateless
public class Payroll {

    @PersistenceContext(unitName = "payroll")
    private EntityManager em;

    public void hire(String name, BigDecimal salary) {
        em.persist(new Employee(name, salary));
    }

    public List<Employee> staff() {
        return em.createQuery("select e from Employee e order by e.name", Employee.class).getResultList();
    }
}
