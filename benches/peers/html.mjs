// What the peers whose markup is text have in common.

export function escape(words) {
  return String(words).replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]);
}

// Markdown's tree as HTML; `look` gives the attribute's text for a tag, `name` the attribute.
export function html(nodes, look, name = 'style') {
  return nodes.map((node) => {
    if (typeof node === 'string') return escape(node);
    const { tag, href, start, children } = node;
    const value = look(tag);
    const attributes = [
      href && ` href="${escape(href)}"`,
      start && ` start="${start}"`,
      value && ` ${name}="${escape(value)}"`,
    ].filter(Boolean).join('');
    if (tag === 'br' || tag === 'hr') return `<${tag}${attributes} />`;
    return `<${tag}${attributes}>${html(children, look, name)}</${tag}>`;
  }).join('');
}
