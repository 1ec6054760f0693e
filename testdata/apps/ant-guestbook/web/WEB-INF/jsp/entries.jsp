<%@ page contentType="text/html; charset=UTF-8" pageEncoding="UTF-8" session="false" %>
<%@ page import="java.util.Iterator, java.util.List" %>
<%@ page import="org.harborlane.guestbook.Entry, org.harborlane.guestbook.Html" %>
<%
  List entries = (List) request.getAttribute("entries");
  Integer pageNumber = (Integer) request.getAttribute("page");
  Integer pages = (Integer) request.getAttribute("pages");
  String error = (String) request.getAttribute("error");
  String name = (String) request.getAttribute("name");
  String message = (String) request.getAttribute("message");
%>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml">
<head>
  <title>Guestbook</title>
  <link rel="stylesheet" type="text/css" href="<%= request.getContextPath() %>/css/guestbook.css" />
</head>
<body>
  <h1>Guestbook</h1>

<% if (error != null) { %>
  <p class="error"><%= Html.escape(error) %></p>
<% } %>

<% for (Iterator it = entries.iterator(); it.hasNext();) {
     Entry entry = (Entry) it.next(); %>
  <div class="entry">
    <div class="by"><b><%= Html.escape(entry.getName()) %></b> wrote on <%= entry.getDateText() %></div>
    <div><%= Html.lines(entry.getMessage()) %></div>
  </div>
<% } %>

  <p>
<% for (int i = 1; i <= pages.intValue(); i++) { %>
<%   if (i == pageNumber.intValue()) { %>
    <b><%= i %></b>
<%   } else { %>
    <a href="<%= request.getContextPath() %>/entries?page=<%= i %>"><%= i %></a>
<%   } %>
<% } %>
  </p>

  <form method="post" action="<%= request.getContextPath() %>/sign">
    <label for="name">Your name</label>
    <input type="text" id="name" name="name" size="40" maxlength="60" value="<%= Html.escape(name) %>" />
    <label for="message">Your message</label>
    <textarea id="message" name="message" rows="5" cols="60"><%= Html.escape(message) %></textarea>
    <p><input type="submit" value="Sign the guestbook" /></p>
  </form>

  <div id="footer"><%= application.getAttribute("total") %> entries since 2008</div>
</body>
</html>
