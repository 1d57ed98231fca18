// Reads the picture of the page, as it was drawn: where colours are changed behind the styles, nothing else
// tells them. Each text has to have something in it that stands out from its ground.
(async shot => {
  const image = new Image();
  image.src = 'data:image/png;base64,' + shot;
  await image.decode();
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [image.width, image.height];
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.drawImage(image, 0, 0);

  const linear = v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const lights = (x, y, width, height) => {
    const { data } = context.getImageData(x, y, Math.max(1, width), Math.max(1, height));
    let [low, high] = [1, 0];
    for (let i = 0; i < data.length; i += 4) {
      const light = 0.2126 * linear(data[i]) + 0.7152 * linear(data[i + 1]) + 0.0722 * linear(data[i + 2]);
      [low, high] = [Math.min(low, light), Math.max(high, light)];
    }
    return [low, high];
  };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    const rect = [...range.getClientRects()].find(rect => rect.width > 12 && rect.height > 4);
    if (!rect) continue;
    const [low, high] = lights(rect.left + scrollX, rect.top + scrollY, rect.width, rect.height);
    const contrast = (high + 0.05) / (low + 0.05);
    if (contrast < 4.5) faint.push(`${contrast.toFixed(2)}: ${walker.currentNode.data.trim().slice(0, 60)}`);
  }
  return { faint, ground: lights(0, 0, 1, 1)[0] };
})
