// What a reader sees of the letter: its words in order, where its links lead, and what is there and cannot be seen.
(() => {
  const faults = [];
  const quote = text => JSON.stringify(text.trim().slice(0, 60));

  const rgb = css => css.match(/[\d.]+/g).map(Number);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const contrast = (a, b) => {
    const [dark, bright] = [light(a), light(b)].sort((x, y) => x - y);
    return (bright + 0.05) / (dark + 0.05);
  };
  const ground = element => {
    for (let e = element; e; e = e.parentElement) {
      const [r, g, b, alpha = 1] = rgb(getComputedStyle(e).backgroundColor);
      if (alpha > 0) return [r, g, b];
    }
    return [255, 255, 255];
  };
  // How well it can be read is axe's question; here, whether there is anything at all to see.
  const blends = element => contrast(rgb(getComputedStyle(element).color), ground(element)) < 1.5;
  const fades = element => {
    for (let e = element; e; e = e.parentElement) {
      const style = getComputedStyle(e);
      if (style.visibility !== 'visible' || parseFloat(style.opacity) < 0.5) return true;
    }
    return parseFloat(getComputedStyle(element).fontSize) < 9;
  };
  // Cut off by a box around it, or under something else: then the middle of its line belongs to another.
  const covered = (element, rect) => {
    scrollTo(0, rect.top + scrollY - innerHeight / 2);
    const now = rect.top + rect.height / 2 + (covered.before - scrollY);
    const met = document.elementFromPoint(rect.left + rect.width / 2, now);
    return !met || !(element.contains(met) || met.contains(element));
  };
  const outside = rect => rect.left < -1 || rect.right > innerWidth + 1;
  const look = (element, rects, words) => {
    for (const rect of new Set([rects[0], rects[rects.length - 1]])) {
      covered.before = scrollY;
      if (outside(rect)) faults.push('outside the window: ' + quote(words));
      else if (covered(element, rect)) faults.push('cut off or covered: ' + quote(words));
      scrollTo(0, covered.before);
    }
    if (blends(element)) faults.push('in the colour of its ground: ' + quote(words));
    if (fades(element)) faults.push('too faint or too small: ' + quote(words));
  };

  // A browser that could not load a picture draws its alternative text in the picture's place and cuts it
  // off at the edge, round corners included.
  const cuts = image => {
    const radius = getComputedStyle(image).borderTopLeftRadius;
    const size = parseFloat(radius) * (radius.includes('%') ? image.getBoundingClientRect().width / 100 : 1);
    return size > 12;
  };
  const holds = image => {
    const box = image.getBoundingClientRect();
    const style = getComputedStyle(image);
    const trial = document.body.appendChild(document.createElement('div'));
    trial.style.cssText = `position:absolute;width:${box.width}px;overflow-wrap:break-word`;
    for (const one of ['font', 'letterSpacing']) trial.style[one] = style[one];
    trial.innerHTML = '<span style="display:inline-block;width:16px"></span>';
    trial.append(image.alt);
    const holds = trial.getBoundingClientRect().height <= box.height + 1;
    trial.remove();
    return holds;
  };
  const missing = [...document.images].filter(image => image.complete && !image.naturalWidth);
  const alternatives = missing.filter(image => image.alt).map(image => {
    look(image, image.getClientRects(), image.alt);
    if (cuts(image)) faults.push('round corners cut the alternative text: ' + quote(image.alt));
    if (!holds(image)) faults.push('no room for the alternative text: ' + quote(image.alt));
    return image.alt;
  });

  const block = node => {
    let e = node.parentElement;
    while (getComputedStyle(e).display.startsWith('inline')) e = e.parentElement;
    return e;
  };
  let words = '', before = null;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.nodeName === 'BR') words += ' ';
    if (node.nodeType !== Node.TEXT_NODE || !node.data.trim()) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const rects = [...range.getClientRects()].filter(rect => rect.width && rect.height);
    if (!rects.length) continue;
    look(node.parentElement, rects, node.data);
    words += (block(node) === before ? '' : ' ') + node.data;
    before = block(node);
  }

  if (document.documentElement.scrollWidth > innerWidth) {
    const wide = [...document.querySelectorAll('body *')].filter(e => e.getClientRects().length
      && e.getBoundingClientRect().right > innerWidth + 1);
    faults.push('scrolls sideways: ' + wide.map(e => e.outerHTML.slice(0, 120)).join(' | '));
  }
  const links = [...document.links].filter(link => link.getClientRects().length);
  return {
    words: words.replace(/\s+/g, ' '), alternatives, faults: [...new Set(faults)],
    links: links.map(link => link.getAttribute('href')),
  };
})()
