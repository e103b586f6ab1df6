/**
 * Two apps, one a listener: `mode` is `console` or `portal`. Nothing inline and nothing from elsewhere, as the
 * listeners' content security policy wants it.
 */
import path from "node:path"
import react from "@vitejs/plugin-react"
import { defineConfig } from "vite"

const root = path.join(import.meta.dirname, "src")

export default defineConfig(({ mode }) => ({
    root: path.join(root, mode),
    publicDir: path.join(root, "static"),
    plugins: [react()],
    build: {
        outDir: path.join(import.meta.dirname, "../server/dist/web", mode),
        emptyOutDir: true,
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
        target: "es2024",
        chunkSizeWarningLimit: 1500,
    },
}))
