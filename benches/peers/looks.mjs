// The theme as styles, in React's spelling; `css` writes one as an attribute.

export function looks({ color, font, size }) {
  const small = { margin: '0 0 10px', fontSize: `${size.small}px`, lineHeight: '1.6', color: color.muted };
  const heading = { margin: '0', fontFamily: font.heading, fontWeight: '700', color: color.heading };
  const panel = { margin: '0', padding: '8px 14px', fontSize: `${size.text}px`, lineHeight: '1.6' };
  const text = { margin: '0 0 16px', fontSize: `${size.text}px`, lineHeight: '1.6', color: color.text };
  return {
    small,
    text,
    tagline: { margin: '5px 0 0', fontSize: '16px', lineHeight: '1.45', color: color.muted },
    issueLine: { ...small, margin: '0', padding: '9px 0' },
    kicker: {
      margin: '0 0 8px', fontSize: '13px', lineHeight: '1.4', fontWeight: '700', letterSpacing: '0.09em',
      textTransform: 'uppercase', color: color.accent,
    },
    h1: { ...heading, fontSize: `${size.title}px`, lineHeight: '1.15' },
    h2: { ...heading, margin: '0 0 14px', fontSize: `${size.section}px`, lineHeight: '1.3' },
    feature: { ...heading, margin: '0 0 20px', fontSize: `${size.feature}px`, lineHeight: '1.2' },
    h3: { ...heading, margin: '30px 0 8px', fontSize: `${size.item}px`, lineHeight: '1.35' },
    h4: { ...heading, margin: '24px 0 6px', fontFamily: font.body, fontSize: `${size.text}px`, lineHeight: '1.4' },
    question: { ...heading, margin: '28px 0 8px', fontSize: `${size.item}px`, lineHeight: '1.4', color: color.accent },
    guestName: { ...heading, fontSize: '19px', lineHeight: '1.35' },
    role: { margin: '0 0 8px', fontSize: '15px', lineHeight: '1.45', color: color.muted },
    bio: { margin: '0 0 14px', fontSize: '16px', lineHeight: '1.5', color: color.text },
    lead: {
      margin: '0 0 12px', fontFamily: font.heading, fontSize: '19px', lineHeight: '1.5', fontStyle: 'italic',
      color: color.text,
    },
    byline: { margin: '0 0 2px', fontSize: '15px', lineHeight: '1.6', color: color.muted },
    caption: { margin: '8px 0 22px', fontSize: `${size.small}px`, lineHeight: '1.5', color: color.muted },
    deadline: { ...panel, borderLeft: `4px solid ${color.deadline}`, color: color.deadline },
    when: { ...panel, borderLeft: `4px solid ${color.accent}`, color: color.heading },
    fact: { margin: '0', fontSize: '15px', lineHeight: '1.5', color: color.muted },
    more: { ...text, margin: '8px 0 16px' },
    quote: {
      margin: '0 0 8px', fontFamily: font.heading, fontSize: '22px', lineHeight: '1.45', fontStyle: 'italic',
      color: color.heading,
    },
    quoteBy: { margin: '0', fontSize: '15px', lineHeight: '1.6', color: color.muted },
    list: { ...text, margin: '0 0 16px 24px', padding: '0' },
    item: { margin: '0 0 8px' },
    plainList: { ...text, padding: '0', listStyle: 'none' },
    contentsItem: { margin: '0', padding: '8px 0', borderTop: `1px solid ${color.rule}` },
    entry: { margin: '0 0 18px', lineHeight: '1.5' },
    imprint: { fontSize: '15px', color: color.muted },
    link: { color: color.accent, textDecoration: 'underline' },
    publication: { color: color.accent, textDecoration: 'underline', fontWeight: '700' },
  };
}

export function css(style) {
  return Object.entries(style)
    .map(([name, value]) => `${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}:${value}`)
    .join(';');
}
