package com.oldmill.petstore.domain;

public class Category {

    private final int id;
    private final String name;
    private final int pets;

    public Category(int id, String name, int pets) {
        this.id = id;
        this.name = name;
        this.pets = pets;
    }

    public int getId() {
        return id;
    }

    public String getName() {
        return name;
    }

    /** How many pets of this category are for sale. */
    public int getPets() {
        return pets;
    }
}
