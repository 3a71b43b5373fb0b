/** A picture in pixels, with the font that comes with the packages: the same on every machine. */
import { Resvg } from "@resvg/resvg-js";
import { FONT_FILES } from "./fonts.ts";

/** Pixels a CSS pixel: sharp on screens of today. */
const DENSITY = 2;

export const toPng = (svg: string): Uint8Array =>
  new Resvg(svg, {
    fitTo: { mode: "zoom", value: DENSITY },
    font: {
      fontFiles: Object.values(FONT_FILES),
      loadSystemFonts: false,
      defaultFontFamily: "Inter",
    },
  })
    .render()
    .asPng();
