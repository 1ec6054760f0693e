<%@ page session="false" %>
<jsp:forward page="/entries"/>
