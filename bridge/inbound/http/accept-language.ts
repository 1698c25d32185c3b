const TAG = /^[A-Za-z0-9-]{1,35}$/;
const AT_MOST = 20;

/** The languages of the header Accept-Language, the dearest first; `*` and what can't be read are left out. */
export function acceptedLanguages(header: string): string[] {
  return header
    .split(',', AT_MOST)
    .map((part) => {
      const [tag = '', ...parameters] = part.split(';').map((piece) => piece.trim());
      const quality = parameters.find((parameter) => /^q=/i.test(parameter))?.slice(2) ?? '1';
      return { tag: tag.toLowerCase(), quality: Number(quality) };
    })
    .filter(({ tag, quality }) => TAG.test(tag) && quality > 0)
    .sort((a, b) => b.quality - a.quality)
    .map(({ tag }) => tag);
}
