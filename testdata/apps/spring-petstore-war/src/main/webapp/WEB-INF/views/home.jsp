<%@ include file="/WEB-INF/views/header.jspf" %>
<h1><spring:message code="site.title"/></h1>
<ul>
    <c:forEach var="category" items="${categories}">
        <c:url var="link" value="/pets"><c:param name="category" value="${category.id}"/></c:url>
        <li><a href="${link}"><c:out value="${category.name}"/></a> (<c:out value="${category.pets}"/>)</li>
    </c:forEach>
</ul>
<%@ include file="/WEB-INF/views/footer.jspf" %>
