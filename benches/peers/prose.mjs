// Markdown, parsed once before anything is timed, as a tree that each peer writes in its own elements.

import { marked } from 'marked';

const TAGS = {
  paragraph: 'p', list_item: 'li', blockquote: 'blockquote', code: 'pre', hr: 'hr',
  strong: 'strong', em: 'em', codespan: 'code', link: 'a', br: 'br',
};

// The blocks of a text, its highest headings of level `top`: a node is a string or { tag, href, start, children }.
export function prose(markdown, top) {
  const tokens = marked.lexer(markdown.trim());
  const depths = tokens.filter((token) => token.type === 'heading').map((token) => token.depth);
  const shift = top - Math.min(...depths, 6);
  return nodes(tokens, shift);
}

function nodes(tokens, shift) {
  return tokens.filter((token) => token.type !== 'space').flatMap((token) => node(token, shift));
}

function node(token, shift) {
  // A tight list's item holds a text that holds the inline tokens.
  if (token.type === 'text' || token.type === 'escape') {
    return token.tokens ? nodes(token.tokens, shift) : [token.text];
  }
  return {
    tag: tag(token, shift),
    href: token.href,
    start: token.start === 1 ? undefined : token.start || undefined,
    children: token.items ? nodes(token.items, shift) : children(token, shift),
  };
}

function tag(token, shift) {
  if (token.type === 'heading') return `h${token.depth + shift}`;
  if (token.type === 'list') return token.ordered ? 'ol' : 'ul';
  if (token.type in TAGS) return TAGS[token.type];
  throw new Error(`no element for Markdown's ${token.type}`);
}

function children(token, shift) {
  return token.tokens ? nodes(token.tokens, shift) : token.text ? [token.text] : [];
}
