package com.example.library;

import java.util.List;
import javax.inject.Inject;
import javax.ws.rs.ApplicationPath;
import javax.ws.rs.GET;
import javax.ws.rs.Path;
import javax.ws.rs.Produces;
import javax.ws.rs.core.Application;
import javax.ws.rs.core.MediaType;

@Path("books")
public class Api {

    @ApplicationPath("api")
    public static class Root extends Application {
    }

    @Inject
    private Shelf shelf;

    @GET
    @Produces(MediaType.APPLICATION_XML)
    public List<Book> books() {
        return shelf.all();
    }
}
