package org.harborlane.guestbook;

import java.io.File;
import java.io.IOException;

import javax.servlet.ServletContext;
import javax.servlet.ServletContextEvent;
import javax.servlet.ServletContextListener;

/** Opens the entries file when the application starts. */
public class StartupListener implements ServletContextListener {

    public static final String STORE = "store";
    public static final String TOTAL = "total";

    public void contextInitialized(ServletContextEvent event) {
        ServletContext context = event.getServletContext();
        EntryStore store = new EntryStore(entriesFile(context));
        try {
            store.load();
            context.log("guestbook: " + store.size() + " entries in " + store.getFile());
        } catch (IOException e) {
            context.log("guestbook: cannot read " + store.getFile(), e);
        }
        context.setAttribute(STORE, store);
        context.setAttribute(TOTAL, Integer.valueOf(store.size()));
    }

    public void contextDestroyed(ServletContextEvent event) {
        event.getServletContext().removeAttribute(STORE);
    }

    private File entriesFile(ServletContext context) {
        String path = System.getProperty("guestbook.file");
        if (path != null) {
            return new File(path);
        }
        path = context.getInitParameter("entriesFile");
        String real = context.getRealPath(path);
        return new File(real != null && path.startsWith("/WEB-INF/") ? real : path);
    }
}
