package com.oldmill.petstore.web;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;

import com.oldmill.petstore.service.PetService;

@Controller
public class HomeController {

    @Autowired
    private PetService petService;

    @RequestMapping(value = "/", method = RequestMethod.GET)
    public String home(Model model) {
        model.addAttribute("categories", petService.getCategories());
        return "home";
    }
}
