// Wakes the components of a page. Every page works without it.

import { initAll } from 'govuk-frontend'
import htmx from 'htmx.org'

document.body.classList.add('js-enabled')
if ('noModule' in HTMLScriptElement.prototype) {
  document.body.classList.add('govuk-frontend-supported')
}
window.htmx = htmx
initAll()

// What htmx has put in place wakes too.
document.body.addEventListener('htmx:afterSettle', (event) => initAll({ scope: event.target }))

// A box "All" ticks every box of its list; without script it isn't shown.
for (const all of document.querySelectorAll('[data-ticks-all]')) {
  const boxes = () => [...document.querySelectorAll(`#${all.dataset.ticksAll} input[type=checkbox]`)]
  all.closest('[hidden]')?.removeAttribute('hidden')
  all.addEventListener('change', () => {
    for (const box of boxes()) box.checked = all.checked
    boxes()[0]?.dispatchEvent(new Event('change', { bubbles: true }))
  })
  // All is only said while every box is ticked.
  for (const box of boxes()) box.addEventListener('change', () => { if (!box.checked) all.checked = false })
}

// A part of a form that belongs to one choice of a drop-down is shown with that choice; without script always.
for (const part of document.querySelectorAll('[data-shown-for]')) {
  const chosen = document.getElementById(part.dataset.shownFor)
  const settle = () => { part.hidden = chosen.value !== part.dataset.shownValue }
  chosen.addEventListener('change', settle)
  settle()
}
