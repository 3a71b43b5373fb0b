/** The font of pictures and pages, from its package: no machine has to have it. */
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** Its files by weight. */
export const FONT_FILES: Readonly<Record<"400" | "600", string>> = {
  "400": require.resolve("@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf"),
  "600": require.resolve("@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf"),
};
