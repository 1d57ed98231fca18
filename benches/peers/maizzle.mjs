// Maizzle as its starter sends: Tailwind classes with the starter's preset, inlined, purged and made short.
// Its starter prettifies too; here that is off, as in the library itself. Version 6 needs Node 22.

import { generatePlaintext, render as toHtml } from '@maizzle/framework';
import preset from 'tailwindcss-preset-email';

import { escape, html } from './html.mjs';
import { version as installed } from './version.mjs';

export const name = 'maizzle';
export const version = installed('@maizzle/framework');

export async function prepare(letter) {
  // Two braces are an expression of Maizzle's own unless an @ stands before them.
  const markup = page(letter).replaceAll('{{', '@{{');
  const { color, font, size } = letter.theme;
  const pixels = Object.fromEntries(Object.entries(size).map(([name, value]) => [name, `${value}px`]));
  const family = { heading: [font.heading], sans: [font.body] };
  const theme = { extend: { colors: color, fontFamily: family, fontSize: { ...pixels, copy: pixels.text } } };
  const tailwind = { presets: [preset], content: [{ raw: markup, extension: 'html' }], theme };
  return { markup, css: { tailwind, inline: true, purge: true, shorthand: true } };
}

export async function render({ markup, css }) {
  return (await toHtml(markup, { css })).html;
}

export async function text(prepared, html) {
  return generatePlaintext(html);
}

const HEADING = 'm-0 font-heading font-bold text-heading';
const LINK = 'text-accent underline';
const COPY = 'text-copy leading-[1.6] text-text';

const TAGS = {
  p: `m-0 mb-4 ${COPY}`,
  h2: `${HEADING} mb-3.5 text-section leading-[1.3]`,
  h3: `${HEADING} mt-[30px] mb-2 text-item leading-[1.35]`,
  h4: 'm-0 mt-6 mb-1.5 text-copy leading-[1.4] font-bold text-heading',
  ul: `m-0 mb-4 ml-6 p-0 ${COPY}`,
  ol: `m-0 mb-4 ml-6 p-0 ${COPY}`,
  li: 'm-0 mb-2',
  a: LINK,
};

const pieces = {
  kicker: ({ words }) => p('mb-2 text-[13px] leading-[1.4] font-bold tracking-[0.09em] uppercase text-accent', escape(words)),
  heading: ({ words, feature }) => feature
    ? `<h2 class="${HEADING} mb-5 text-feature leading-[1.2]">${escape(words)}</h2>`
    : `<h2 class="${TAGS.h2}">${escape(words)}</h2>`,
  title: ({ words, href }) => `<h3 class="${TAGS.h3}">${href ? link(href, words) : escape(words)}</h3>`,
  question: ({ words }) =>
    `<h3 class="m-0 mt-7 mb-2 font-heading font-bold text-item leading-[1.4] text-accent">${escape(words)}</h3>`,
  prose: ({ nodes }) => prose(nodes),
  lead: ({ nodes }) => prose(nodes, 'm-0 mb-3 font-heading text-[19px] leading-normal italic text-text'),
  byline: ({ strong, words }) =>
    p('mb-0.5 text-[15px] leading-[1.6] text-muted', `<strong>${escape(strong)}</strong>${escape(words)}`),
  deadline: ({ strong, words }) => panel('bg-urgent border-deadline text-deadline',
    `<strong>${escape(strong)}</strong>${escape(words)}`),
  when: ({ strong, place }) => panel('bg-panel border-accent text-heading',
    `<strong>${escape(strong)}</strong>${place ? `<br>${escape(place)}` : ''}`),
  fact: ({ words }) => p('text-[15px] leading-normal text-muted', escape(words)),
  more: ({ href, words }) => p(`mt-2 mb-4 ${COPY}`, link(href, words)),
  picture: ({ src, alt, href, caption }) => {
    const image = `<img src="${escape(src)}" alt="${escape(alt)}" class="w-full max-w-full align-middle">`;
    return (href ? `<a href="${escape(href)}">${image}</a>` : image)
      + (caption ? p('mt-2 mb-[22px] text-small leading-normal text-muted', escape(caption)) : '');
  },
  guest: ({ name, role, nodes, portrait }, theme) => {
    const about = p('font-heading text-[19px] leading-[1.35] font-bold text-heading', escape(name))
      + (role ? p('mb-2 text-[15px] leading-[1.45] text-muted', escape(role)) : '')
      + prose(nodes, 'm-0 mb-3.5 text-base leading-normal text-text');
    const image = portrait
      ? `<td class="py-5 pl-4.5 align-top" width="${theme.portrait + 18}"><img src="${escape(portrait.src)}"`
        + ` alt="${escape(portrait.alt)}" width="${theme.portrait}"></td>`
      : '';
    return `<table class="w-full mb-6 bg-panel"><tr>${image}<td class="pt-5 px-4.5 pb-1.5 align-top">${about}</td></tr></table>`;
  },
  contents: ({ items }) => list(items.map(({ before, href, words }) =>
    `<li class="m-0 py-2 border-0 border-t border-solid border-rule">${escape(before)}${href ? link(href, words) : escape(words)}</li>`)),
  bibliography: ({ items }) => list(items.map(entry)),
  quote: ({ nodes, by }) => '<blockquote class="m-0 py-0.5 pl-[22px] border-0 border-l-[3px] border-solid border-accent">'
    + prose(nodes, 'm-0 mb-2 font-heading text-[22px] leading-[1.45] italic text-heading')
    + `${by ? p('text-[15px] leading-[1.6] text-muted', escape(by)) : ''}</blockquote>`,
  divider: () => '<div role="separator" class="w-[72px] h-[3px] leading-[3px] mt-4 mb-[22px] mx-auto bg-rule">&zwj;</div>',
  button: ({ href, words }) =>
    `<a href="${escape(href)}" class="inline-block px-6 py-[13px] bg-button text-button-text text-copy leading-[1.3] font-bold no-underline">`
    + '<outlook><i class="mso-font-width-[150%]" style="mso-text-raise: 26px" hidden>&emsp;</i></outlook>'
    + `<span style="mso-text-raise: 13px">${escape(words)}</span>`
    + '<outlook><i class="mso-font-width-[150%]" hidden>&emsp;&#8203;</i></outlook></a>',
};

function p(look, inside) {
  return `<p class="m-0 ${look}">${inside}</p>`;
}

function link(href, words, look = LINK) {
  return `<a href="${escape(href)}" class="${look}">${escape(words)}</a>`;
}

function list(items) {
  return `<ul class="m-0 mb-4 p-0 list-none ${COPY}">${items.join('')}</ul>`;
}

function prose(nodes, paragraph = TAGS.p) {
  return html(nodes, (tag) => (tag === 'p' ? paragraph : TAGS[tag]), 'class');
}

function panel(look, inside) {
  return `<table class="w-full mb-3"><tr><td class="py-2 px-3.5 border-0 border-l-4 border-solid ${look} text-copy leading-[1.6]">`
    + `${inside}</td></tr></table>`;
}

function entry({ title, href, authors, series, imprint }) {
  const rest = (series ? `<em>${escape(series)}</em>` : '') + escape(imprint);
  return '<li class="m-0 mb-[18px] leading-normal">'
    + (href ? link(href, title, `${LINK} font-bold`) : `<strong>${escape(title)}</strong>`)
    + (authors ? `<br>${escape(authors)}` : '')
    + `${rest ? `<br><span class="text-[15px] text-muted">${rest}</span>` : ''}</li>`;
}

function row(look, inside) {
  return `<tr><td class="${look}">${inside}</td></tr>`;
}

function page(letter) {
  const { theme, logo } = letter;
  const words = `<h1 class="${HEADING} text-title leading-[1.15]">${escape(letter.name)}</h1>`
    + (letter.tagline ? p('mt-[5px] text-base leading-[1.45] text-muted', escape(letter.tagline)) : '');
  const image = logo
    ? `<td class="align-top" width="${logo.width + 18}"><img src="${escape(logo.src)}" alt="${escape(logo.alt)}" width="${logo.width}"></td>`
    : '';
  const small = 'mb-2.5 text-small leading-[1.6] text-muted';
  // A rule begins every section but one that is a single plate, such as a quote.
  const sections = letter.sections.map(({ pieces: all }) =>
    row(all.length === 1 ? 'py-4' : 'py-4 border-0 border-t border-solid border-rule',
      all.map((piece) => pieces[piece.kind](piece, theme)).join('\n')));
  return `<!DOCTYPE html>
<html lang="${letter.language}" xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office">
<head>
  <meta charset="utf-8">
  <meta name="x-apple-disable-message-reformatting">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="format-detection" content="telephone=no, date=no, address=no, email=no, url=no">
  <meta name="color-scheme" content="light dark">
  <meta name="supported-color-schemes" content="light dark">
  <!--[if mso]>
  <noscript><xml><o:OfficeDocumentSettings><o:PixelsPerInch>96</o:PixelsPerInch></o:OfficeDocumentSettings></xml></noscript>
  <style>td,th,div,p,a,h1,h2,h3,h4,h5,h6 {font-family: "Segoe UI", sans-serif; mso-line-height-rule: exactly;}</style>
  <![endif]-->
  <title>${escape(letter.title)}</title>
  <style>
    @tailwind components;
    @tailwind utilities;
    img { @apply max-w-full align-middle; }
  </style>
</head>
<body class="m-0 p-0 w-full [word-break:break-word] [-webkit-font-smoothing:antialiased] bg-ground">
  <div class="hidden">${escape(letter.preheader ?? '')}${'&#8199;&#65279;&#847; '.repeat(150)}</div>
  <div role="article" aria-roledescription="email" aria-label="${escape(letter.title)}" lang="${letter.language}" class="bg-ground font-sans">
    <table align="center" class="m-0 mx-auto">
      <tr><td class="w-[${theme.width}px] max-w-full px-[${theme.margin}px]">
        <table class="w-full">
${row('pt-[34px] pb-[22px]', `<table class="w-full"><tr>${image}<td class="align-top">${words}</td></tr></table>`)}
${row('py-[9px] border-0 border-t-[3px] border-solid border-heading', p('text-small text-muted', escape(letter.issueLine)))}
${row('pt-[26px] pb-3 border-0 border-t border-solid border-rule', prose(letter.intro))}
${sections.join('\n')}
${row('pt-5 pb-11 border-0 border-t-[3px] border-solid border-heading', [
    p(small, `<strong>${escape(letter.name)}</strong>${letter.postal ? `<br>${escape(letter.postal)}` : ''}`),
    p(small, escape(letter.sentTo)),
    p(small, letter.links.map(({ href, words }) => link(href, words)).join('&nbsp;· ')),
  ].join('\n'))}
        </table>
      </td></tr>
    </table>
  </div>
</body>
</html>
`;
}
