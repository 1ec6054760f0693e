package org.harborlane.guestbook;

import java.io.IOException;

import javax.servlet.ServletConfig;
import javax.servlet.ServletException;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

/** Shows a page of entries and the form. */
public class ListServlet extends HttpServlet {

    private static final long serialVersionUID = 1L;

    private int pageSize = 10;

    public void init(ServletConfig config) throws ServletException {
        super.init(config);
        String value = config.getInitParameter("pageSize");
        if (value != null) {
            pageSize = Integer.parseInt(value);
        }
    }

    protected void doGet(HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException {
        show(request, response);
    }

    /** SignServlet forwards here when a form was not complete. */
    protected void doPost(HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException {
        show(request, response);
    }

    private void show(HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException {
        EntryStore store = (EntryStore) getServletContext().getAttribute(StartupListener.STORE);
        int pages = Math.max(1, (store.size() + pageSize - 1) / pageSize);
        int page = Math.min(pageNumber(request.getParameter("page")), pages);

        request.setAttribute("entries", store.page(page, pageSize));
        request.setAttribute("page", Integer.valueOf(page));
        request.setAttribute("pages", Integer.valueOf(pages));
        request.getRequestDispatcher("/WEB-INF/jsp/entries.jsp").forward(request, response);
    }

    private static int pageNumber(String text) {
        try {
            return Math.max(1, Integer.parseInt(text));
        } catch (NumberFormatException e) {
            return 1;
        }
    }
}
