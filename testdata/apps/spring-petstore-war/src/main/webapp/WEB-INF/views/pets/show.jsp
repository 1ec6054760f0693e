<%@ include file="/WEB-INF/views/header.jspf" %>
<h1><c:out value="${pet.name}"/></h1>
<p><c:out value="${pet.category}"/>, <fmt:formatNumber value="${pet.price}" minFractionDigits="2"/></p>
<%@ include file="/WEB-INF/views/footer.jspf" %>
