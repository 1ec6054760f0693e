package com.oldmill.petstore.service;

import java.math.BigDecimal;
import java.util.List;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

import com.oldmill.petstore.dao.PetDao;
import com.oldmill.petstore.domain.Category;
import com.oldmill.petstore.domain.Pet;

@Service
public class PetService {

    private static final Logger logger = LoggerFactory.getLogger(PetService.class);

    @Autowired
    private PetDao petDao;

    @Transactional(readOnly = true)
    public List<Category> getCategories() {
        return petDao.findCategories();
    }

    @Transactional(readOnly = true)
    public List<Pet> getPets(Integer categoryId) {
        return petDao.findPets(categoryId);
    }

    @Transactional(readOnly = true)
    public Pet getPet(int id) {
        return petDao.findPet(id);
    }

    @Transactional
    public void addPet(String name, int categoryId, BigDecimal price) {
        petDao.insertPet(name, categoryId, price);
        logger.info("new pet in category {}", categoryId);
    }
}
