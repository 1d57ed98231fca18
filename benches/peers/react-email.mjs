// React Email with its own defaults: not `pretty`. Its plain text is made from the finished HTML.

import * as components from '@react-email/components';
import { render as toHtml, toPlainText } from '@react-email/render';
import { createElement as h } from 'react';

import { tree } from './jsx-markup.mjs';
import { version as installed } from './version.mjs';

export const name = 'react-email';
export const version = `${installed('@react-email/components')}, render ${installed('@react-email/render')}`;

export async function prepare(letter) {
  return tree(letter, { ...components, button });
}

export async function render(letter) {
  return toHtml(letter);
}

export async function text(letter, html) {
  return toPlainText(html);
}

function button({ href, words, color, size }) {
  const style = {
    padding: '13px 24px', backgroundColor: color.button, color: color['button-text'], fontSize: `${size.text}px`,
    fontWeight: '700', lineHeight: '1.3',
  };
  return h(components.Button, { href, style }, words);
}
