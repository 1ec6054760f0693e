// Shows what an order will cost while the quantity is typed.
(function () {
  function update(form) {
    var price = parseInt(form.getAttribute('data-price'), 10);
    var quantity = parseInt(form.querySelector('[name="order[quantity]"]').value, 10) || 0;
    form.querySelector('.total').textContent = (price * quantity / 100).toFixed(2);
  }

  document.addEventListener('input', function (event) {
    var form = event.target.form;
    if (form && form.hasAttribute('data-price')) {
      update(form);
    }
  });
})();
