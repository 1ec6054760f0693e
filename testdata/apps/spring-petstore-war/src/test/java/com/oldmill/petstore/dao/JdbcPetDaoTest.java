package com.oldmill.petstore.dao;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNull;

import java.math.BigDecimal;

import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.embedded.EmbeddedDatabase;
import org.springframework.jdbc.datasource.embedded.EmbeddedDatabaseBuilder;
import org.springframework.jdbc.datasource.embedded.EmbeddedDatabaseType;

public class JdbcPetDaoTest {

    private EmbeddedDatabase database;
    private PetDao dao;

    @Before
    public void setUp() {
        database = new EmbeddedDatabaseBuilder()
                .setType(EmbeddedDatabaseType.H2)
                .addScript("classpath:sql/schema.sql")
                .addScript("classpath:sql/data.sql")
                .build();
        dao = new JdbcPetDao(new JdbcTemplate(database));
    }

    @After
    public void tearDown() {
        database.shutdown();
    }

    @Test
    public void countsPetsOfCategories() {
        assertEquals(3, dao.findCategories().size());
        assertEquals(1, dao.findCategories().get(0).getPets());
    }

    @Test
    public void filtersByCategory() {
        assertEquals("Barnaby", dao.findPets(2).get(0).getName());
        assertEquals(1, dao.findPets(2).size());
    }

    @Test
    public void insertedPetIsListed() {
        dao.insertPet("Tom", 1, new BigDecimal("12.00"));
        assertEquals(4, dao.findPets(null).size());
    }

    @Test
    public void unknownPetIsNull() {
        assertNull(dao.findPet(-1));
    }
}
