package com.oldmill.petstore.dao;

import java.math.BigDecimal;
import java.util.List;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.dao.support.DataAccessUtils;
import org.springframework.jdbc.core.BeanPropertyRowMapper;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.stereotype.Repository;

import com.oldmill.petstore.domain.Category;
import com.oldmill.petstore.domain.Pet;

@Repository
public class JdbcPetDao implements PetDao {

    private static final String SELECT_PETS =
            "select p.id, p.name, c.name as category, p.price, p.born "
            + "from pet p join category c on c.id = p.category_id ";

    private final RowMapper<Pet> petMapper = new BeanPropertyRowMapper<Pet>(Pet.class);

    private final JdbcTemplate jdbcTemplate;

    @Autowired
    public JdbcPetDao(JdbcTemplate jdbcTemplate) {
        this.jdbcTemplate = jdbcTemplate;
    }

    @Override
    public List<Category> findCategories() {
        return jdbcTemplate.query(
                "select c.id, c.name, count(p.id) as pets from category c "
                + "left join pet p on p.category_id = c.id group by c.id, c.name order by c.name",
                (rs, row) -> new Category(rs.getInt("id"), rs.getString("name"), rs.getInt("pets")));
    }

    @Override
    public List<Pet> findPets(Integer categoryId) {
        if (categoryId == null) {
            return jdbcTemplate.query(SELECT_PETS + "order by p.name", petMapper);
        }
        return jdbcTemplate.query(SELECT_PETS + "where c.id = ? order by p.name", petMapper, categoryId);
    }

    @Override
    public Pet findPet(int id) {
        return DataAccessUtils.singleResult(jdbcTemplate.query(SELECT_PETS + "where p.id = ?", petMapper, id));
    }

    @Override
    public void insertPet(String name, int categoryId, BigDecimal price) {
        jdbcTemplate.update("insert into pet (name, category_id, price) values (?, ?, ?)", name, categoryId, price);
    }
}
