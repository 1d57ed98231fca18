// The letter that every peer writes: the words that Franking writes, in the same order, without markup.
//
// The issue is its TOML as JSON, dates as the strings that the file has, with the publication and the theme
// beside its own keys. A section becomes a list of pieces, each with a `kind` that every peer has markup for.

import { prose } from './prose.mjs';

const POINT = '\u00a0· ';

export function letter({ publication, theme, ...issue }) {
  const sections = issue.section.map((section) => ({
    id: section.id,
    pieces: pieces(section, issue, { publication, theme }),
  }));
  return {
    language: issue.language ?? publication.language ?? 'en',
    title: issue.title ?? issue.subject,
    preheader: issue.preheader,
    logo: theme.logo && { ...theme.logo, src: address(publication, theme.logo.src) },
    name: publication.name,
    tagline: publication.tagline,
    issueLine: issueLine(issue),
    intro: prose(issue.intro ?? '', 2),
    sections,
    postal: publication.address,
    sentTo: 'This letter was sent to {{ email }}.',
    links: [
      { href: '{{ web_url }}', words: 'Read this issue on the web' },
      { href: '{{ unsubscribe_url }}', words: 'Unsubscribe' },
      publication.privacy_url && { href: publication.privacy_url, words: 'How we treat your data' },
    ].filter(Boolean),
    theme,
  };
}

function pieces(section, issue, letter) {
  const top = section.heading ? 3 : 2;
  const kicker = kickerOf(section);
  const heading = section.heading ?? (section.kind === 'contents' ? 'In this issue' : undefined);
  const feature = section.kind === 'interview' || section.kind === 'article';
  return [
    kicker && { kind: 'kicker', words: kicker },
    heading && { kind: 'heading', words: heading, feature },
    ...KINDS[section.kind](section, top, letter, issue),
  ].filter(Boolean);
}

const KINDS = {
  contents: (section, top, letter, issue) => [{ kind: 'contents', items: contents(issue) }],
  text: (section, top) => [text(section.body, top)],
  interview: (section, top, { publication }) => [
    guest(section.guest, top, publication),
    section.intro && { kind: 'lead', nodes: prose(section.intro, top) },
    ...section.exchange.flatMap(({ question, answer }) => [
      { kind: 'question', words: question },
      text(answer, top + 1),
    ]),
  ],
  article: (section, top, { publication }) => [
    picture(section.image, publication),
    text(section.body, top),
    ...(section.authors ?? []).map(({ name, role, organisation }) => ({
      kind: 'byline', strong: name, words: ['', role, organisation].filter((part) => part !== undefined).join(', '),
    })),
    more(section.link?.url, section.link?.text ?? `More about “${section.heading}”`),
  ],
  publications: (section) => [{ kind: 'bibliography', items: section.item.map(publicationOf) }],
  calls: (section, top, { publication }) => section.item.flatMap((item) => [
    title(item),
    item.deadline && {
      kind: 'deadline', strong: 'Deadline:', words: ` ${timepoint(item.deadline, publication.time_zone)}`,
    },
    text(item.body, top + 1),
    fact([item.organiser && `Organised by: ${item.organiser}`, item.place && `Place: ${item.place}`]),
    more(item.url, item.link_text),
  ]),
  news: (section, top, { publication }) => section.item.flatMap((item) => [
    title(item),
    picture(item.image, publication),
    text(item.body, top + 1),
    more(item.url, item.link_text),
  ]),
  events: (section, top, { publication }) => section.item.flatMap((item) => [
    title(item),
    { kind: 'when', strong: period(item.start, item.end, publication.time_zone), place: item.place },
    text(item.body, top + 1),
    more(item.url, item.link_text),
  ]),
  image: (section, top, { publication }) => [picture(section.image, publication)],
  button: (section) => [{ kind: 'button', href: section.url, words: section.text }],
  quote: (section, top) => [{ kind: 'quote', nodes: prose(section.body, top), by: section.by && `— ${section.by}` }],
  divider: () => [{ kind: 'divider' }],
};

function kickerOf(section) {
  return section.kind === 'interview' ? 'Interview' : section.kicker;
}

function contents(issue) {
  return issue.section.filter((section) => section.heading).map((section) => {
    const kicker = kickerOf(section);
    return {
      before: kicker ? `${kicker}: ` : '',
      href: section.id && !section.when ? `{{ web_url }}#${section.id}` : undefined,
      words: section.heading,
    };
  });
}

function guest({ name, role, organisation, bio, portrait }, top, publication) {
  return {
    kind: 'guest',
    name,
    role: [role, organisation].filter(Boolean).join(', '),
    nodes: prose(bio ?? '', top),
    portrait: portrait && { src: address(publication, portrait.src), alt: portrait.alt },
  };
}

function picture(image, publication) {
  return image && {
    kind: 'picture',
    src: address(publication, image.src),
    alt: image.alt,
    href: image.href,
    caption: [image.caption, image.credit && `Picture: ${image.credit}`].filter(Boolean).join(' '),
  };
}

function publicationOf({ title, url, authors = [], series, number, publisher, date }) {
  const last = authors.at(-1);
  const others = authors.slice(0, -1).join(', ');
  const facts = [publisher, date && day(date)].filter(Boolean);
  const numbered = number && `No.\u00a0${number}`;
  const words = [numbered, ...facts].filter(Boolean).join(POINT);
  return {
    title,
    href: url,
    authors: others ? `${others} and ${last}` : last,
    series,
    imprint: series && words ? `${numbered ? ', ' : POINT}${words}` : words,
  };
}

function text(markdown, top) {
  return markdown && { kind: 'prose', nodes: prose(markdown, top) };
}

// A title leads where a link without words of its own would lead.
function title({ title, url, link_text }) {
  return { kind: 'title', words: title, href: link_text ? undefined : url };
}

function fact(facts) {
  const words = facts.filter(Boolean).join(POINT);
  return words && { kind: 'fact', words };
}

function more(href, words) {
  return href && words && { kind: 'more', href, words };
}

function address(publication, src) {
  return `${publication.web_url}/${src}`;
}

function issueLine({ number, title, date }) {
  const written = day(date);
  return [number && `No.\u00a0${number}`, written.includes(title) ? undefined : title, written]
    .filter(Boolean)
    .join(POINT);
}

// `30 November 2026`, or `November 2026` where only the month is known.
function day(date) {
  return written(date, date.length > 7 ? { day: 'numeric' } : {});
}

function timepoint(date, zone) {
  const [, time] = date.split(/[T ]/);
  return time ? `${weekday(date)}, ${clock(date, zone)}` : weekday(date);
}

function period(start, end, zone) {
  if (!end || start === end) return timepoint(start, zone);
  const [first, begin] = start.split(/[T ]/);
  const [last] = end.split(/[T ]/);
  if (!begin || first !== last) return `${timepoint(start, zone)} – ${timepoint(end, zone)}`;
  return `${weekday(start)}, ${begin.slice(0, 5)}–${clock(end, zone)}`;
}

// `Friday, 18 December 2026`; Node's own British English leaves the comma out.
function weekday(date) {
  const name = new Date(date.slice(0, 10)).toLocaleDateString('en-GB', { weekday: 'long', timeZone: 'UTC' });
  return `${name}, ${day(date.slice(0, 10))}`;
}

function written(date, more) {
  const options = { month: 'long', year: 'numeric', timeZone: 'UTC', ...more };
  return new Date(date.slice(0, 10)).toLocaleDateString('en-GB', options);
}

function clock(date, zone) {
  const time = date.slice(11, 16);
  if (!zone) return time;
  const format = new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeZoneName: 'short' });
  const name = format.formatToParts(new Date(`${date.slice(0, 10)}T${time}Z`)).at(-1).value;
  return `${time}\u00a0${name}`;
}
