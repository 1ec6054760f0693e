package org.harborlane.guestbook;

import java.io.IOException;
import java.util.Date;

import javax.servlet.ServletException;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

/** Adds an entry. */
public class SignServlet extends HttpServlet {

    private static final long serialVersionUID = 1L;
    private static final int MAX_NAME = 60;
    private static final int MAX_MESSAGE = 2000;

    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.sendRedirect(request.getContextPath() + "/");
    }

    protected void doPost(HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException {
        String name = trim(request.getParameter("name"), MAX_NAME);
        String message = trim(request.getParameter("message"), MAX_MESSAGE);

        if (name.length() == 0 || message.length() == 0) {
            again(request, response, name, message, "Please enter your name and a message.");
            return;
        }
        EntryStore store = (EntryStore) getServletContext().getAttribute(StartupListener.STORE);
        try {
            store.add(new Entry(new Date(), name, message));
        } catch (IOException e) {
            log("cannot write " + store.getFile(), e);
            again(request, response, name, message, "The guestbook cannot be written at the moment.");
            return;
        }
        getServletContext().setAttribute(StartupListener.TOTAL, Integer.valueOf(store.size()));
        response.sendRedirect(request.getContextPath() + "/");
    }

    private void again(HttpServletRequest request, HttpServletResponse response, String name, String message,
            String error) throws ServletException, IOException {
        request.setAttribute("name", name);
        request.setAttribute("message", message);
        request.setAttribute("error", error);
        request.getRequestDispatcher("/entries").forward(request, response);
    }

    private static String trim(String text, int max) {
        if (text == null) {
            return "";
        }
        String trimmed = text.trim();
        return trimmed.length() > max ? trimmed.substring(0, max) : trimmed;
    }
}
