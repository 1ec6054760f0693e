package com.example.payroll.web;

import com.example.payroll.Employee;
import com.example.payroll.Payroll;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigDecimal;
import javax.ejb.EJB;
import javax.servlet.annotation.WebServlet;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

@WebServlet("/staff")
public class StaffServlet extends HttpServlet {

    private static final long serialVersionUID = 1L;

    @EJB
    private Payroll payroll;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setContentType("text/plain");
        PrintWriter out = response.getWriter();
        for (Employee e : payroll.staff()) {
            out.println(e.getName() + "\t" + e.getSalary());
        }
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        payroll.hire(request.getParameter("name"), new BigDecimal(request.getParameter("salary")));
        response.sendRedirect("staff");
    }
}
