/**
 * Two apps, one a listener: `mode` is `console` or `portal`. Nothing inline and nothing from elsewhere, as the
 * listeners' content security policy wants it.
 */
import path from "node:path"
import react from "@vitejs/plugin-react"
import { type Plugin, defineConfig } from "vite"
import { messagesUnder, readTable, tableFile } from "../scripts/messages.ts"

const root = path.join(import.meta.dirname, "src")

/** The portal's browsers get no text of the console. */
const portalFolders = ["portal", "kit", "console/cases"]

/** Refusals of confidential work, which no partner meets. */
const ofConsole = /^(?:attribution|evidence|exposure|inquiry|mark|planning|policy|quarantine|regime|filing|admission)\./

const messagesOfPortal = (): Plugin => ({
    name: "messages-of-portal",
    enforce: "pre",
    load(id) {
        if (id.split("?")[0] !== tableFile) return null
        const { messages, values, refusals } = readTable()
        const own = messagesUnder(portalFolders)
        return JSON.stringify({
            messages: Object.fromEntries(Object.entries(messages).filter(([message]) => own.has(message))),
            values: Object.fromEntries(Object.entries(values).filter(([value]) => /^[a-z_]+$/.test(value))),
            refusals: Object.fromEntries(Object.entries(refusals).filter(([code]) => !ofConsole.test(code))),
        })
    },
})

export default defineConfig(({ mode }) => ({
    root: path.join(root, mode),
    publicDir: path.join(root, "static"),
    plugins: [react(), mode === "portal" && messagesOfPortal()],
    build: {
        outDir: path.join(import.meta.dirname, "../server/dist/web", mode),
        emptyOutDir: true,
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
        target: "es2024",
        chunkSizeWarningLimit: 1500,
    },
}))
