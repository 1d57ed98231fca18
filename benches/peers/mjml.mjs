// MJML as its documentation has it: validation `soft`, neither beautified nor minified. It makes no plain text.

import mjml2html from 'mjml';

import { mjml } from './mjml-markup.mjs';
import { version as installed } from './version.mjs';

export const name = 'mjml';
export const version = installed('mjml');

export async function prepare(letter) {
  return mjml(letter);
}

export async function render(markup) {
  const { html, errors } = await mjml2html(markup);
  if (errors.length > 0) throw new Error(errors.map((error) => error.formattedMessage).join('\n'));
  return html;
}
