<%@ include file="/WEB-INF/views/header.jspf" %>
<h1><spring:message code="nav.pets"/></h1>
<table>
    <tr>
        <th><spring:message code="pet.name"/></th>
        <th><spring:message code="pet.category"/></th>
        <th><spring:message code="pet.born"/></th>
        <th><spring:message code="pet.price"/></th>
    </tr>
    <c:forEach var="pet" items="${pets}">
        <tr>
            <td><a href="<c:url value='/pets/${pet.id}'/>"><c:out value="${pet.name}"/></a></td>
            <td><c:out value="${pet.category}"/></td>
            <td><fmt:formatDate value="${pet.born}" pattern="dd.MM.yyyy"/></td>
            <td class="price"><fmt:formatNumber value="${pet.price}" minFractionDigits="2"/></td>
        </tr>
    </c:forEach>
</table>
<%@ include file="/WEB-INF/views/footer.jspf" %>
