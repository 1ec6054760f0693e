<%@ Application Codebehind="Global.asax.cs" Inherits="Bookings.Web.MvcApplication" Language="C#" %>
