// Makes the icons in this folder from Lucide's. See README.md.
// usage: node outline.cjs LUCIDE_ICONS_FOLDER NAME...
'use strict';
const fs = require('fs');
const path = require('path');
const initCanvasKit = require('canvaskit-wasm');

const strokeWidth = 1.75; // where an icon is 24 wide

// shapes returns each element of an SVG of Lucide's as SVG path data.
function shapes(svg) {
  const found = [];
  for (const [, kind, rest] of svg.matchAll(/<(path|circle|ellipse|rect|line|polyline|polygon)\s([^>]*?)\/>/g)) {
    const at = {};
    for (const [, name, value] of rest.matchAll(/([a-z0-9]+)="([^"]*)"/g)) at[name] = value;
    found.push(shape(kind, at));
  }
  return found;
}

function shape(kind, at) {
  const n = (name, otherwise = 0) => (name in at ? Number(at[name]) : otherwise);
  switch (kind) {
    case 'path':
      return at.d;
    case 'line':
      return `M${n('x1')} ${n('y1')}L${n('x2')} ${n('y2')}`;
    case 'polyline':
      return `M${at.points}`;
    case 'polygon':
      return `M${at.points}Z`;
    case 'circle':
    case 'ellipse': {
      const rx = n('rx', n('r')), ry = n('ry', n('r')), cx = n('cx'), cy = n('cy');
      return `M${cx - rx} ${cy}A${rx} ${ry} 0 0 1 ${cx + rx} ${cy}A${rx} ${ry} 0 0 1 ${cx - rx} ${cy}Z`;
    }
    case 'rect': {
      const x = n('x'), y = n('y'), w = n('width'), h = n('height'), r = n('rx', n('ry'));
      const arc = (dx, dy) => (r > 0 ? `a${r} ${r} 0 0 1 ${dx} ${dy}` : '');
      return `M${x + r} ${y}h${w - 2 * r}${arc(r, r)}v${h - 2 * r}${arc(-r, r)}h${2 * r - w}${arc(-r, -r)}v${2 * r - h}${arc(r, -r)}Z`;
    }
  }
  throw new Error(`no rule for <${kind}>`);
}

async function main([folder, ...names]) {
  const kit = await initCanvasKit({ locateFile: (f) => require.resolve('canvaskit-wasm/bin/' + f) });
  for (const name of names) {
    const paths = shapes(fs.readFileSync(path.join(folder, name + '.svg'), 'utf8')).map((d) => {
      const outline = kit.Path.MakeFromSVGString(d);
      if (!outline || !outline.stroke({ width: strokeWidth, cap: kit.StrokeCap.Round, join: kit.StrokeJoin.Round, precision: 4 })) {
        throw new Error(`${name}: cannot outline ${d}`);
      }
      // Not joined into one: Skia's union loses parts of some icons.
      const short = outline.toSVGString().replace(/-?\d+\.\d+(e-?\d+)?/g, (x) => String(Number(Number(x).toFixed(2))));
      return `  <path fill="currentColor" d="${short}"/>\n`;
    });
    fs.writeFileSync(path.join(__dirname, name + '.svg'),
      `<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24">\n${paths.join('')}</svg>\n`);
  }
}

main(process.argv.slice(2)).catch((err) => {
  console.error(err.message);
  process.exit(1);
});
