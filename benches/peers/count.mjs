// The elements and tables below `body`, as a browser's document has them: what only Outlook reads is a comment.

import { parse } from 'parse5';

export function count(html) {
  const document = parse(html);
  const root = document.childNodes.find((node) => node.tagName === 'html');
  const names = below(root.childNodes.find((node) => node.tagName === 'body'));
  return { elements: names.length, tables: names.filter((name) => name === 'table').length };
}

function below(node) {
  return (node.childNodes ?? []).flatMap((child) => [...(child.tagName ? [child.tagName] : []), ...below(child)]);
}
