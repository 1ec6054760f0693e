import './app.css';

// A click on a parcel asks before the label is drawn.
for (const link of document.querySelectorAll('a[href^="/labels/"]')) {
  link.addEventListener('click', (event) => {
    if (!window.confirm('Draw the label?')) {
      event.preventDefault();
    }
  });
}
