import React from 'react';
import PropTypes from 'prop-types';
import books from '../books';

export default function Book({ match }) {
  const book = books.find(b => b.id === match.params.id);
  return book ? <h1>{book.title} ({book.year})</h1> : <p>There is no such book.</p>;
}

Book.propTypes = { match: PropTypes.object.isRequired };
