// The letter as a mail client in the dark recolours it, whatever the letter says: the lightness of each colour
// is turned over, its hue kept. The formula is Microsoft's (npm roosterjs-color-utils 1.1.0, getDarkColor);
// Google's is not public. Everything is turned over by Gmail on iOS and Outlook 2021 on Windows; light grounds
// alone, and the text upon them, by Gmail on Android (hteumeuleu.com, "Fixing Gmail's dark mode issues", 2021).
(everything => {
  const linear = v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const gamma = v => 255 * (v <= 0.0031308 ? v * 12.92 : 1.055 * v ** (1 / 2.4) - 0.055);
  const root = t => t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116;
  const cube = t => t ** 3 > 0.008856 ? t ** 3 : (t - 16 / 116) / 7.787;
  const lab = ([r, g, b]) => {
    [r, g, b] = [r, g, b].map(linear);
    const x = root((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047);
    const y = root(0.2126 * r + 0.7152 * g + 0.0722 * b);
    const z = root((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883);
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
  };
  const rgb = ([l, a, b]) => {
    const y = (l + 16) / 116, x = cube(a / 500 + y) * 0.95047, z = cube(y - b / 200) * 1.08883, w = cube(y);
    const parts = [3.2406 * x - 1.5372 * w - 0.4986 * z, -0.9689 * x + 1.8758 * w + 0.0415 * z,
      0.0557 * x - 0.204 * w + 1.057 * z];
    return `rgb(${parts.map(v => Math.round(Math.min(255, Math.max(0, gamma(v))))).join(', ')})`;
  };
  const DARKEST = 21.247; // the lightness of #333333
  const turned = ([l, a, b]) => rgb([(100 - l) * (100 - DARKEST) / 100 + DARKEST, a, b]);

  const colour = css => {
    const [r, g, b, alpha = 1] = css.match(/[\d.]+/g).map(Number);
    return alpha > 0 ? lab([r, g, b]) : null;
  };
  const elements = [document.body, ...document.body.querySelectorAll('*')].map(element => {
    const style = getComputedStyle(element);
    return { element, ground: colour(style.backgroundColor), text: colour(style.color) };
  });
  const turns = ground => everything || ground[0] > 50;
  const grounds = new Map(elements.map(({ element, ground }) => [element, ground]));
  const under = element => {
    for (let e = element; e; e = e.parentElement) if (grounds.get(e)) return grounds.get(e);
    return [100, 0, 0];
  };
  for (const { element, ground, text } of elements) {
    if (ground && turns(ground)) element.style.setProperty('background-color', turned(ground), 'important');
    if (turns(under(element))) element.style.setProperty('color', turned(text), 'important');
  }
  if (!grounds.get(document.body)) document.documentElement.style.backgroundColor = turned([100, 0, 0]);
})
