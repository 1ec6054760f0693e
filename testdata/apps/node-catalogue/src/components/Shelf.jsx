import React from 'react';
import { Link } from 'react-router-dom';
import books from '../books';

export default function Shelf() {
  return (
    <ul>
      {books.map(b => <li key={b.id}><Link to={`/books/${b.id}`}>{b.title}</Link></li>)}
    </ul>
  );
}
