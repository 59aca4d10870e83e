/* The theme fetches the index of the search, by far the heaviest part of a page, as soon as a page opens.
   Here its request waits until somebody turns to the search. */
(() => {
  const wanted = new Promise((resolve) => {
    if (/[?&][qh]=/.test(location.search)) resolve();
    const turnToSearch = ({ target }) => target instanceof Element && target.closest("[data-md-component=search], [for=__search]") && resolve();
    for (const event of ["focusin", "pointerover", "touchstart"]) addEventListener(event, turnToSearch, { passive: true });
  });
  const { open, send } = XMLHttpRequest.prototype;
  const waiting = new WeakSet();
  XMLHttpRequest.prototype.open = function (method, address, ...rest) {
    if (/\/search\/search_index\.json$/.test(address)) waiting.add(this);
    return open.call(this, method, address, ...rest);
  };
  XMLHttpRequest.prototype.send = function (body) {
    if (waiting.has(this)) wanted.then(() => send.call(this, body));
    else send.call(this, body);
  };
})();
