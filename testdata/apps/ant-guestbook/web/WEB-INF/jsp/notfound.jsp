<%@ page contentType="text/html; charset=UTF-8" pageEncoding="UTF-8" session="false" isErrorPage="true" %>
<html>
<head><title>Not found</title></head>
<body>
  <h1>There is no such page</h1>
  <p><a href="<%= request.getContextPath() %>/">Back to the guestbook</a></p>
</body>
</html>
