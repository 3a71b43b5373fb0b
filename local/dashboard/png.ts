/** A picture in pixels, with the font that comes with the packages: the same on every machine. */
import { createRequire } from "node:module";
import { Resvg } from "@resvg/resvg-js";

const require = createRequire(import.meta.url);

const FONTS = [
  "@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf",
  "@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf",
];

/** Pixels a CSS pixel: sharp on screens of today. */
const DENSITY = 2;

export const toPng = (svg: string): Uint8Array =>
  new Resvg(svg, {
    fitTo: { mode: "zoom", value: DENSITY },
    font: {
      fontFiles: FONTS.map((file) => require.resolve(file)),
      loadSystemFonts: false,
      defaultFontFamily: "Inter",
    },
  })
    .render()
    .asPng();
