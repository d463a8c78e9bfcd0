// Pictures to upload: PNG files, made on the spot.

import { crc32, deflateSync } from 'node:zlib';

/** A square PNG of `size` pixels with a disc of the given color (`[red, green, blue]`), for playwright's `setInputFiles`. */
export function picture(name, [red, green, blue], size = 256) {
  const row = (y) => {
    const pixels = Buffer.alloc(1 + 3 * size); // the filter, then the pixels
    for (let x = 0; x < size; x++) {
      const far = Math.hypot(x - size / 2, y - size / 2) / (size / 2);
      const light = far < 0.8 ? 1 - far * 0.5 : 1.15;
      const shade = (level) => Math.min(255, Math.round(far < 0.8 ? level * light + 40 : 200 + level * 0.15));
      pixels.set([shade(red), shade(green), shade(blue)], 1 + 3 * x);
    }
    return pixels;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 2], 8); // 8 bits, RGB
  const rows = Buffer.concat(Array.from({ length: size }, (_, y) => row(y)));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const buffer = Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
  return { name, mimeType: 'image/png', buffer };
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const around = Buffer.alloc(8);
  around.writeUInt32BE(data.length, 0);
  around.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([around.subarray(0, 4), body, around.subarray(4)]);
}
