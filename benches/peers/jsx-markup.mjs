// The letter as a tree of React elements, for the two libraries whose components have the same names.
//
// `parts` are a library's components and its `button`, the one that the two write differently.

import { Fragment, createElement as h } from 'react';

import { looks } from './looks.mjs';

export function tree(letter, parts) {
  const { Html, Head, Preview, Body, Container } = parts;
  const { theme } = letter;
  const outer = theme.width + 2 * theme.margin;
  const write = writer(letter, parts);
  return h(Html, { lang: letter.language },
    h(Head, null, h('title', null, letter.title)),
    letter.preheader && h(Preview, null, letter.preheader),
    h(Body, { style: { margin: '0', backgroundColor: theme.color.ground, fontFamily: theme.font.body } },
      h(Container, { style: { maxWidth: `${outer}px`, margin: '0 auto', padding: `0 ${theme.margin}px` } },
        write.masthead(), write.intro(), ...letter.sections.map(write.section), write.footer())));
}

function writer(letter, { Section, Row, Column, Text, Heading, Link, Img, Hr, button }) {
  const { theme } = letter;
  const { color, portrait, width } = theme;
  const styles = looks(theme);
  const p = (style, ...inside) => h(Text, { style: styles[style] }, ...inside);
  const heading = (as, style, words) => h(Heading, { as, style: styles[style] }, words);
  const link = (href, words, style = 'link') => h(Link, { href, style: styles[style] }, words);
  const list = (items) => h('ul', { style: styles.plainList }, ...items);

  const pieces = {
    kicker: ({ words }) => p('kicker', words),
    heading: ({ words, feature }) => heading('h2', feature ? 'feature' : 'h2', words),
    title: ({ words, href }) => heading('h3', 'h3', href ? link(href, words) : words),
    question: ({ words }) => heading('h3', 'question', words),
    prose: ({ nodes }) => prose(nodes),
    lead: ({ nodes }) => prose(nodes, 'lead'),
    byline: ({ strong, words }) => p('byline', h('strong', null, strong), words),
    deadline: ({ strong, words }) => panel(color.urgent, p('deadline', h('strong', null, strong), words)),
    when: ({ strong, place }) =>
      panel(color.panel, p('when', h('strong', null, strong), place && h('br'), place)),
    fact: ({ words }) => p('fact', words),
    more: ({ href, words }) => p('more', link(href, words)),
    picture,
    guest,
    contents: ({ items }) => list(items.map(({ before, href, words }) =>
      h('li', { style: styles.contentsItem }, before, href ? link(href, words) : words))),
    bibliography: ({ items }) => list(items.map(entry)),
    quote: ({ nodes, by }) => h('blockquote',
      { style: { margin: '0', padding: '2px 0 2px 22px', borderLeft: `3px solid ${color.accent}` } },
      prose(nodes, 'quote'), by && p('quoteBy', by)),
    divider: () => h(Hr, { style: { width: '72px', margin: '16px auto 22px', borderTop: `3px solid ${color.rule}` } }),
    button: ({ href, words }) => button({ href, words, color, size: theme.size }),
  };

  function prose(nodes, style = 'text') {
    return h(Fragment, null, ...nodes.map((node) => element(node, style)));
  }

  function element(node, style) {
    if (typeof node === 'string') return node;
    const { tag, href, start } = node;
    const children = node.children.map((child) => element(child, style));
    if (tag === 'p') return p(style, ...children);
    if (tag === 'a') return h(Link, { href, style: styles.link }, ...children);
    if (tag === 'hr') return h(Hr);
    if (/^h[2-6]$/.test(tag)) return h(Heading, { as: tag, style: styles[tag] ?? styles.h4 }, ...children);
    const look = { ul: styles.list, ol: styles.list, li: styles.item }[tag];
    return h(tag, { start, style: look }, ...children);
  }

  function panel(colour, inside) {
    return h(Section, { style: { marginBottom: '12px', backgroundColor: colour } }, inside);
  }

  function picture({ src, alt, href, caption }) {
    const image = h(Img, { src, alt, width, style: { width: '100%', maxWidth: `${width}px`, height: 'auto' } });
    return h(Fragment, null, href ? h(Link, { href }, image) : image, caption && p('caption', caption));
  }

  function guest({ name, role, nodes, portrait: image }) {
    const about = [p('guestName', name), role && p('role', role), prose(nodes, 'bio')];
    const style = { margin: '0 0 24px', padding: '20px 18px 6px', backgroundColor: color.panel };
    if (!image) return h(Section, { style }, ...about);
    return h(Section, { style },
      h(Row, null,
        h(Column, { style: { width: `${portrait + 18}px`, verticalAlign: 'top' } },
          h(Img, { ...image, width: portrait, style: { width: `${portrait}px`, height: 'auto' } })),
        h(Column, { style: { verticalAlign: 'top' } }, ...about)));
  }

  function entry({ title, href, authors, series, imprint }) {
    return h('li', { style: styles.entry },
      href ? link(href, title, 'publication') : h('strong', null, title),
      authors && h('br'), authors,
      (series || imprint) && h('br'),
      (series || imprint) && h('span', { style: styles.imprint }, series && h('em', null, series), imprint));
  }

  return {
    masthead() {
      const { logo, name, tagline, issueLine } = letter;
      const words = [heading('h1', 'h1', name), tagline && p('tagline', tagline)];
      return h(Fragment, null,
        h(Section, { style: { padding: '34px 0 22px' } },
          h(Row, null,
            logo && h(Column, { style: { width: `${logo.width + 18}px`, verticalAlign: 'top' } },
              h(Img, { src: logo.src, alt: logo.alt, width: logo.width })),
            h(Column, { style: { verticalAlign: 'top' } }, ...words))),
        h(Section,
          { style: { borderTop: `3px solid ${color.heading}`, borderBottom: `1px solid ${color.rule}` } },
          p('issueLine', issueLine)));
    },
    intro: () => h(Section, { style: { padding: '26px 0 12px' } }, prose(letter.intro)),
    // A rule begins every section but one that is a single plate, such as a quote.
    section({ pieces: all }) {
      const borderTop = all.length === 1 ? undefined : `1px solid ${color.rule}`;
      return h(Section, { style: { padding: '16px 0', borderTop } }, ...all.map((piece) => pieces[piece.kind](piece)));
    },
    footer() {
      const links = letter.links.flatMap(({ href, words }, index) => [index > 0 && '\u00a0· ', link(href, words)]);
      return h(Section, { style: { padding: '20px 0 44px', borderTop: `3px solid ${color.heading}` } },
        p('small', h('strong', null, letter.name), letter.postal && h('br'), letter.postal),
        p('small', letter.sentTo),
        p('small', ...links));
    },
  };
}
