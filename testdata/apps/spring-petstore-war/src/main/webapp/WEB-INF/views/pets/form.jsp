<%@ include file="/WEB-INF/views/header.jspf" %>
<h1><spring:message code="pet.add"/></h1>
<c:url var="action" value="/pets"/>
<form:form method="post" action="${action}" modelAttribute="petForm">
    <p><spring:message code="pet.name"/><br/><form:input path="name"/> <form:errors path="name" cssClass="error"/></p>
    <p><spring:message code="pet.category"/><br/>
        <form:select path="categoryId" items="${categories}" itemValue="id" itemLabel="name"/>
        <form:errors path="categoryId" cssClass="error"/></p>
    <p><spring:message code="pet.price"/><br/><form:input path="price"/> <form:errors path="price" cssClass="error"/></p>
    <p><input type="submit" value="<spring:message code='pet.save'/>"/></p>
</form:form>
<%@ include file="/WEB-INF/views/footer.jspf" %>
