// The letter in MJML, for the peers that read it.

import { escape, html } from './html.mjs';
import { css, looks } from './looks.mjs';

export function mjml(letter) {
  const write = writer(letter);
  return `<mjml lang="${letter.language}">
  <mj-head>
    <mj-title>${escape(letter.title)}</mj-title>
    <mj-preview>${escape(letter.preheader ?? '')}</mj-preview>
    ${attributes(letter.theme)}
  </mj-head>
  <mj-body width="${letter.theme.width + 2 * letter.theme.margin}px" background-color="${letter.theme.color.ground}">
${[write.masthead(), write.intro(), ...letter.sections.map(write.section), write.footer()].join('\n')}
  </mj-body>
</mjml>
`;
}

function attributes({ color, font, size, margin }) {
  return `<mj-attributes>
      <mj-all font-family="${escape(font.body)}" />
      <mj-section padding="16px ${margin}px" />
      <mj-column padding="0" />
      <mj-text padding="0" font-size="${size.text}px" line-height="1.6" color="${color.text}" />
      <mj-image padding="0" align="left" />
      <mj-button padding="14px 0 24px" align="left" inner-padding="13px 24px" border-radius="0" font-size="${size.text}px"
        font-weight="700" background-color="${color.button}" color="${color['button-text']}" />
      <mj-divider padding="16px 0 22px" width="72px" border-width="3px" border-color="${color.rule}" />
    </mj-attributes>`;
}

function writer({ theme, ...letter }) {
  const styles = looks(theme);
  const { color, margin, portrait } = theme;
  const style = (name) => `style="${escape(css(styles[name]))}"`;
  const p = (name, inside) => `<p ${style(name)}>${inside}</p>`;
  const link = (href, words, name = 'link') => `<a href="${escape(href)}" ${style(name)}>${escape(words)}</a>`;
  const text = (inside, more = '') => `<mj-text${more}>${inside}</mj-text>`;
  const column = (inside, more = '') => `<mj-column${more}>${inside}</mj-column>`;
  const section = (inside, more = '') => `    <mj-section${more}>${inside}</mj-section>`;
  const prose = (nodes, name) => html(nodes, (tag) => css(tag === 'p' && name ? styles[name] : styles[TAGS[tag]] ?? {}));

  const pieces = {
    kicker: ({ words }) => text(p('kicker', escape(words))),
    heading: ({ words, feature }) => text(`<h2 ${style(feature ? 'feature' : 'h2')}>${escape(words)}</h2>`),
    title: ({ words, href }) => text(`<h3 ${style('h3')}>${href ? link(href, words) : escape(words)}</h3>`),
    question: ({ words }) => text(`<h3 ${style('question')}>${escape(words)}</h3>`),
    prose: ({ nodes }) => text(prose(nodes)),
    lead: ({ nodes }) => text(prose(nodes, 'lead')),
    byline: ({ strong, words }) => text(p('byline', `<strong>${escape(strong)}</strong>${escape(words)}`)),
    deadline: ({ strong, words }) =>
      text(p('deadline', `<strong>${escape(strong)}</strong>${escape(words)}`), panel(color.urgent)),
    when: ({ strong, place }) =>
      text(p('when', `<strong>${escape(strong)}</strong>${place ? `<br />${escape(place)}` : ''}`), panel(color.panel)),
    fact: ({ words }) => text(p('fact', escape(words))),
    more: ({ href, words }) => text(p('more', link(href, words))),
    picture: ({ src, alt, href, caption }) =>
      `<mj-image src="${escape(src)}" alt="${escape(alt)}"${href ? ` href="${escape(href)}"` : ''} />`
      + (caption ? text(p('caption', escape(caption))) : ''),
    contents: ({ items }) => text(`<ul ${style('plainList')}>${items.map(({ before, href, words }) =>
      `<li ${style('contentsItem')}>${escape(before)}${href ? link(href, words) : escape(words)}</li>`).join('')}</ul>`),
    bibliography: ({ items }) => text(`<ul ${style('plainList')}>${items.map(entry).join('')}</ul>`),
    quote: ({ nodes, by }) => text(`<blockquote style="margin:0;padding:2px 0 2px 22px;border-left:3px solid ${color.accent}">`
      + `${prose(nodes, 'quote')}${by ? p('quoteBy', escape(by)) : ''}</blockquote>`),
    divider: () => '<mj-divider />',
    button: ({ href, words }) => `<mj-button href="${escape(href)}">${escape(words)}</mj-button>`,
  };

  function panel(colour) {
    return ` padding="0 0 12px" container-background-color="${colour}"`;
  }

  function entry({ title, href, authors, series, imprint }) {
    return `<li ${style('entry')}>${href ? link(href, title, 'publication') : `<strong>${escape(title)}</strong>`}`
      + (authors ? `<br />${escape(authors)}` : '')
      + (series || imprint
        ? `<br /><span ${style('imprint')}>${series ? `<em>${escape(series)}</em>` : ''}${escape(imprint)}</span>` : '')
      + '</li>';
  }

  // Columns stand beside each other in a section of their own.
  function guest({ name, role, nodes, portrait: picture }) {
    const about = text(`${p('guestName', escape(name))}${role ? p('role', escape(role)) : ''}${prose(nodes, 'bio')}`);
    const share = Math.round((100 * (portrait + 18)) / theme.width);
    return section(
      picture
        ? column(`<mj-image width="${portrait}px" src="${escape(picture.src)}" alt="${escape(picture.alt)}" />`,
          ` width="${share}%"`) + column(about, ` width="${100 - share}%"`)
        : column(about),
      ` padding="20px ${margin}px 6px" background-color="${color.panel}"`,
    );
  }

  // A rule begins every section but one that is a single plate, such as a quote.
  function sectionOf({ pieces: all }) {
    const plate = all.length === 1;
    const at = all.findIndex((piece) => piece.kind === 'guest');
    const write = (some) => column(some.map((piece) => pieces[piece.kind](piece)).join('\n'));
    const rule = plate ? '' : ` border-top="1px solid ${color.rule}"`;
    if (at < 0) return section(write(all), rule);
    return [section(write(all.slice(0, at)), rule), guest(all[at]), section(write(all.slice(at + 1)))].join('\n');
  }

  return {
    masthead() {
      const { logo, name, tagline, issueLine } = letter;
      const words = text(`<h1 ${style('h1')}>${escape(name)}</h1>${tagline ? p('tagline', escape(tagline)) : ''}`);
      const share = logo && Math.round((100 * (logo.width + 18)) / theme.width);
      const head = logo
        ? `<mj-group>${column(`<mj-image width="${logo.width}px" src="${escape(logo.src)}" alt="${escape(logo.alt)}" />`,
          ` width="${share}%"`)}${column(words, ` width="${100 - share}%"`)}</mj-group>`
        : column(words);
      return [
        section(head, ` padding="34px ${margin}px 22px"`),
        section(column(text(p('issueLine', escape(issueLine)))), ` padding="0 ${margin}px"`
          + ` border-top="3px solid ${color.heading}" border-bottom="1px solid ${color.rule}"`),
      ].join('\n');
    },
    intro: () => section(column(text(prose(letter.intro))), ` padding="26px ${margin}px 12px"`),
    section: sectionOf,
    footer: () => section(column([
      text(p('small', `<strong>${escape(letter.name)}</strong>${letter.postal ? `<br />${escape(letter.postal)}` : ''}`)),
      text(p('small', escape(letter.sentTo))),
      text(p('small', letter.links.map(({ href, words }) => link(href, words)).join('\u00a0· '))),
    ].join('\n')), ` padding="20px ${margin}px 44px" border-top="3px solid ${color.heading}"`),
  };
}

// The look of each element that Markdown makes.
const TAGS = {
  p: 'text', h2: 'h2', h3: 'h3', h4: 'h4', h5: 'h4', h6: 'h4', ul: 'list', ol: 'list', li: 'item', a: 'link',
};
