// JSX email with its own defaults: none of its plugins. Its plain text is rendered from the tree once more.
// Version 3 asks for Node 22 and works with 20, of which npm warns.

import * as components from 'jsx-email';
import { createElement as h } from 'react';

import { tree } from './jsx-markup.mjs';
import { version as installed } from './version.mjs';

export const name = 'jsx-email';
export const version = installed('jsx-email');

export async function prepare(letter) {
  return tree(letter, { ...components, button });
}

export async function render(letter) {
  return components.render(letter);
}

export async function text(letter) {
  return components.renderPlainText(letter);
}

// Its button is drawn for Outlook too and so has a size.
function button({ href, words, color, size }) {
  const look = {
    align: 'left', width: 340, height: 48, backgroundColor: color.button, textColor: color['button-text'],
    fontSize: size.text,
  };
  return h(components.Button, { href, ...look }, words);
}
