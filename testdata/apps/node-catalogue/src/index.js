import React from 'react';
import { render } from 'react-dom';
import { BrowserRouter, Route } from 'react-router-dom';
import Shelf from './components/Shelf';
import Book from './components/Book';

render(
  <BrowserRouter>
    <div>
      <Route exact path="/" component={Shelf} />
      <Route path="/books/:id" component={Book} />
    </div>
  </BrowserRouter>,
  document.getElementById('root')
);
