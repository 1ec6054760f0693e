package com.oldmill.petstore.dao;

import java.math.BigDecimal;
import java.util.List;

import com.oldmill.petstore.domain.Category;
import com.oldmill.petstore.domain.Pet;

public interface PetDao {

    List<Category> findCategories();

    /** @param categoryId null for all pets */
    List<Pet> findPets(Integer categoryId);

    /** @return null when there is none */
    Pet findPet(int id);

    void insertPet(String name, int categoryId, BigDecimal price);
}
