package org.harborlane.guestbook;

import java.io.IOException;

import javax.servlet.Filter;
import javax.servlet.FilterChain;
import javax.servlet.FilterConfig;
import javax.servlet.ServletException;
import javax.servlet.ServletRequest;
import javax.servlet.ServletResponse;

/** Browsers do not say which encoding their forms use: we do. */
public class EncodingFilter implements Filter {

    private String encoding = "UTF-8";

    public void init(FilterConfig config) {
        String value = config.getInitParameter("encoding");
        if (value != null) {
            encoding = value;
        }
    }

    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (request.getCharacterEncoding() == null) {
            request.setCharacterEncoding(encoding);
        }
        chain.doFilter(request, response);
    }

    public void destroy() {
    }
}
