// Buttons that open the chat, as a site would make them.
for (const button of document.querySelectorAll('[data-chat]')) {
  button.addEventListener('click', () => window.foyer?.('open'));
}
