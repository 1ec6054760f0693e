package com.example.orders;

import java.io.IOException;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.annotation.Resource;
import javax.servlet.ServletException;
import javax.servlet.annotation.WebServlet;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import javax.sql.DataSource;

@WebServlet(urlPatterns = "/", loadOnStartup = 1)
public class OrdersServlet extends HttpServlet {

  private static final long serialVersionUID = 1L;

  @Resource(name = "jdbc/orders")
  private DataSource orders;

  @Override
  public void init() throws ServletException {
    try (Connection c = orders.getConnection(); Statement s = c.createStatement()) {
      s.executeUpdate("create table if not exists orders (id serial primary key, item text not null)");
    } catch (SQLException e) {
      throw new ServletException(e);
    }
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response) throws ServletException, IOException {
    response.setContentType("text/plain");
    PrintWriter out = response.getWriter();
    try (Connection c = orders.getConnection(); Statement s = c.createStatement(); ResultSet r = s.executeQuery("select id, item from orders order by id")) {
      while (r.next()) {
        out.println(r.getInt(1) + " " + r.getString(2));
      }
      out.println("end of list");
    } catch (SQLException e) {
      throw new ServletException(e);
    }
  }

  @Override
  protected void doPost(HttpServletRequest request, HttpServletResponse response) throws ServletException, IOException {
    try (Connection c = orders.getConnection(); PreparedStatement s = c.prepareStatement("insert into orders (item) values (?)")) {
      s.setString(1, request.getParameter("item"));
      s.executeUpdate();
    } catch (SQLException e) {
      throw new ServletException(e);
    }
    response.sendRedirect("./");
  }
}
