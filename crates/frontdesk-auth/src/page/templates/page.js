// Shows what is typed as a password. Nothing else on these pages needs a script.
for (const button of document.querySelectorAll('button.show')) {
  const input = document.getElementById(button.getAttribute('aria-controls'));
  const label = document.querySelector(`label[for="${input.id}"]`).textContent;
  const set = (shown) => {
    input.type = shown ? 'text' : 'password';
    button.textContent = shown ? button.dataset.hide : button.dataset.show;
    button.setAttribute('aria-label', `${button.textContent}: ${label}`);
  };
  button.hidden = false;
  button.addEventListener('click', () => { set(input.type === 'password'); input.focus(); });
  // Password managers save what is in a password input.
  input.form.addEventListener('submit', () => set(false));
}
