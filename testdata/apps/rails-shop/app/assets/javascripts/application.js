// Compiled into application.js, together with all the files in this directory.
//
//= require rails-ujs
//= require_tree .
