package com.example.library;

import java.util.List;
import javax.ejb.Stateless;
import javax.persistence.EntityManager;
import javax.persistence.PersistenceContext;

@Stateless
public class Shelf {

    @PersistenceContext
    private EntityManager em;

    public List<Book> all() {
        return em.createQuery("select b from Book b order by b.title", Book.class).getResultList();
    }

    public void add(Book book) {
        em.persist(book);
    }
}
