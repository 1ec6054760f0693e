package com.example.library;

import java.util.List;
import javax.enterprise.context.RequestScoped;
import javax.inject.Inject;
import javax.inject.Named;

@Named
@RequestScoped
public class Catalogue {

    @Inject
    private Shelf shelf;
    private String title;
    private String author;

    public List<Book> getBooks() {
        return shelf.all();
    }

    public String add() {
        shelf.add(new Book(title, author));
        return "index?faces-redirect=true";
    }

    public String getTitle() {
        return title;
    }

    public void setTitle(String title) {
        this.title = title;
    }

    public String getAuthor() {
        return author;
    }

    public void setAuthor(String author) {
        this.author = author;
    }
}
