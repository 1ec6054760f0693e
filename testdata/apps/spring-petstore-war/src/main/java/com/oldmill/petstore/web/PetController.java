package com.oldmill.petstore.web;

import java.util.List;

import javax.validation.Valid;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.validation.BindingResult;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RequestParam;

import com.oldmill.petstore.domain.Category;
import com.oldmill.petstore.domain.Pet;
import com.oldmill.petstore.service.PetService;

@Controller
@RequestMapping("/pets")
public class PetController {

    @Autowired
    private PetService petService;

    @ModelAttribute("categories")
    public List<Category> categories() {
        return petService.getCategories();
    }

    @RequestMapping(method = RequestMethod.GET)
    public String list(@RequestParam(value = "category", required = false) Integer category, Model model) {
        model.addAttribute("pets", petService.getPets(category));
        return "pets/list";
    }

    @RequestMapping(value = "/{id:[0-9]+}", method = RequestMethod.GET)
    public String show(@PathVariable("id") int id, Model model) {
        Pet pet = petService.getPet(id);
        if (pet == null) {
            throw new PetNotFoundException(id);
        }
        model.addAttribute("pet", pet);
        return "pets/show";
    }

    @RequestMapping(value = "/new", method = RequestMethod.GET)
    public String form(@ModelAttribute("petForm") PetForm petForm) {
        return "pets/form";
    }

    @RequestMapping(method = RequestMethod.POST)
    public String add(@Valid @ModelAttribute("petForm") PetForm petForm, BindingResult result) {
        if (result.hasErrors()) {
            return "pets/form";
        }
        petService.addPet(petForm.getName(), petForm.getCategoryId(), petForm.getPrice());
        return "redirect:/pets";
    }
}
