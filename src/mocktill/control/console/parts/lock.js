// What stands in place of a view where the server wants a token that this session does not have.
import { html, nothing } from "../lit/lit-html.js";
import { hasToken, keepToken } from "../control.js";
import { page } from "../page.js";

/** Return the form that takes the token. */
export function lock() {
  return html`<div class="heading"><h1 tabindex="-1">This server has a token</h1></div>
    <p class="about">The line that the server printed when it was ready has this page's address with the token in it. Or paste the
      token here; it is kept until this tab is closed.</p>
    ${hasToken() ? html`<p class="notice bad" role="alert">The token of this session is not the server's. A server that was started
      anew may have another one.</p>` : nothing}
    <form class="row" @submit=${unlock}>
      <label>Token <input name="token" type="password" autocomplete="off" required /></label>
      <button class="primary">Use it</button>
    </form>`;
}

function unlock(event) {
  event.preventDefault();
  const { token } = event.target.elements;
  keepToken(token.value.trim());
  token.value = "";
  page.beat();
}
