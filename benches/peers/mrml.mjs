// MRML, which reads MJML, in WebAssembly and with its own defaults. It makes no plain text.

import { Engine } from 'mrml';

import { mjml } from './mjml-markup.mjs';
import { version as installed } from './version.mjs';

export const name = 'mrml';
export const version = installed('mrml');

const engine = new Engine();

export async function prepare(letter) {
  return mjml(letter);
}

export async function render(markup) {
  const result = engine.toHtml(markup);
  if (result.type !== 'success') throw new Error(result.message);
  return result.content;
}
