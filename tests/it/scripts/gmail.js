// What Gmail leaves of a letter: its rules as they are written down, a model and not the service.
// Sources: caniemail.com (html-style, css-at-media, css-selector-attribute, css-rgb); hteumeuleu/email-bugs
// issues 21 and 90; developers.google.com/workspace/gmail/design/css.
(() => {
  const PREFIX = 'm_42';
  const MODERN = /\brgba?\(\s*\d+%?\s+\d|\b(lab|lch|oklab|oklch)\(/i;

  // A style block with anything in it that Gmail does not know goes as a whole.
  const blocks = css => css.replace(/\{[^{}]*\}/g, '{}').replace(/\{(\{\}|[^{}])*\}/g, '{}').split('{}').length - 1;
  const known = sheet => {
    const css = sheet.ownerNode.textContent;
    const inside = css.slice(css.indexOf('{'));
    const attribute = /\[(?!\s*class\s*~=)/.test(css);
    return !inside.includes('@') && !attribute && !MODERN.test(css) && blocks(css) === sheet.cssRules.length;
  };
  // Media rules by width, orientation and resolution; of pseudo-classes a few, `:root` not among them.
  const kept = rule => rule instanceof CSSMediaRule
    ? !/height|hover|pointer|aspect|prefers/.test(rule.conditionText)
    : !/:(?!hover|link|visited|active|focus|first-child|last-child)/.test(rule.selectorText);
  const renamed = css => css.replace(/([.#])(?=[a-z_-])/gi, `$1${PREFIX}`);

  let room = 16384, rules = '';
  for (const sheet of document.styleSheets) {
    room -= sheet.ownerNode.textContent.length;
    if (room < 0 || !sheet.ownerNode.closest('head') || !known(sheet)) continue;
    rules += [...sheet.cssRules].filter(kept).map(rule => renamed(rule.cssText)).join('\n');
  }

  const comments = document.createTreeWalker(document.body, NodeFilter.SHOW_COMMENT);
  const found = [];
  while (comments.nextNode()) found.push(comments.currentNode);
  found.forEach(comment => comment.remove());
  document.body.querySelectorAll('style, script, link, meta, svg').forEach(e => e.remove());
  document.body.querySelectorAll('picture, source, video, details, summary, main, nav').forEach(e => {
    const u = document.createElement('u');
    u.append(...e.childNodes);
    e.replaceWith(u);
  });
  for (const e of [document.body, ...document.body.querySelectorAll('*')]) {
    ['id', 'hidden', 'srcset'].forEach(name => e.removeAttribute(name));
    const classes = [...e.classList].map(name => PREFIX + name).join(' ');
    classes ? e.setAttribute('class', classes) : e.removeAttribute('class');
    const style = (e.getAttribute('style') || '').replace(/(^|;)\s*(mso|--)[^;]*/g, '$1');
    style && !MODERN.test(style) ? e.setAttribute('style', style) : e.removeAttribute('style');
    if (e.nodeName === 'A') e.target = '_blank';
  }

  // The letter becomes a part of Gmail's own page, which has a language and a title of its own.
  const part = document.createElement('div');
  part.style.cssText = document.body.style.cssText;
  part.append(...document.body.childNodes);
  const page = document.documentElement;
  [...page.attributes].forEach(attribute => page.removeAttribute(attribute.name));
  page.lang = 'fr';
  document.head.innerHTML = '<title>Gmail</title>';
  document.head.appendChild(document.createElement('style')).textContent = rules;
  document.body.replaceWith(document.createElement('body'));
  document.body.style.margin = '0';
  document.body.append(part);
  return rules;
})()
