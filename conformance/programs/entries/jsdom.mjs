// A document with scripts, events, storage, and selectors.
import { JSDOM, VirtualConsole } from 'jsdom';

const virtual = new VirtualConsole();
virtual.on('log', (...args) => console.log('page:', ...args));
const { window } = new JSDOM(`<!doctype html><title>t</title><style>b { color: rgb(1, 2, 3); display: none }</style><form id="f"><input name="a" value="1" required><select name="s"><option selected>x</option></select></form><ul><li class="k">1</li><li>2</li></ul><b>x</b>
<script>document.body.dataset.ran = 'yes'; console.log(document.title); customElements.define('x-y', class extends HTMLElement { connectedCallback() { this.innerHTML = '<i>made</i>'; } });</script><x-y></x-y>`, { runScripts: 'dangerously', url: 'https://example.test/a?b=c#d', pretendToBeVisual: true, virtualConsole: virtual });
const { document } = window;
console.log(document.body.dataset.ran, document.querySelector('ul > li:not(.k):last-child').textContent, document.querySelectorAll('li:nth-child(odd)').length, document.querySelector('x-y').innerHTML);
console.log(window.getComputedStyle(document.querySelector('b')).color, window.getComputedStyle(document.querySelector('b')).display, new window.URLSearchParams(window.location.search).get('b'), [...new window.FormData(document.getElementById('f'))]);
document.querySelector('ul').addEventListener('click', (event) => console.log(event.type, event.target.className, event.eventPhase), { once: true });
document.querySelector('.k').click();
document.querySelector('.k').click();
window.localStorage.setItem('k', 'v');
new window.MutationObserver((list) => console.log(list.length, list[0].addedNodes[0].nodeName)).observe(document.body, { childList: true });
document.body.append(document.createElement('hr'));
await 0;
console.log(window.localStorage.length, document.evaluate('count(//li)', document, null, 1).numberValue, new window.DOMParser().parseFromString('<a><b/></a>', 'text/xml').documentElement.outerHTML, JSDOM.fragment('<p>').childNodes.length);
window.close();
